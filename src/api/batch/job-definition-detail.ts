import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import type { JobDefinition } from '../../core/model/job-definition.ts'
import { isPod } from '../../core/model/unmet-needs.ts'

/** The API's JobDefinition: what was registered, exactly as it was sent. */
export function jobDefinitionDetail(deployment: Deployment, definition: JobDefinition): object {
  const { name, revision, status, body } = definition
  return {
    jobDefinitionName: name,
    jobDefinitionArn: batchArn(deployment, `job-definition/${name}:${revision}`),
    revision,
    status,
    containerOrchestrationType: isPod(body) ? 'EKS' : 'ECS',
    ...body,
    parameters: body.parameters ?? {},
    tags: body.tags ?? {},
  }
}
