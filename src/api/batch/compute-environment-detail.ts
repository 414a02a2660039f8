import { batchArn, type Deployment, ecsArn } from '../../core/model/deployment.ts'
import type { EnvironmentConfig } from '../../core/model/environment.ts'

/**
 * The API's ComputeEnvironmentDetail. `computeResources.type` is there for UNMANAGED environments too, since clients
 * index it. Changes are done when they are acknowledged, so that an environment is always VALID.
 */
export function computeEnvironmentDetail(deployment: Deployment, config: EnvironmentConfig): object {
  const { computeResources, tags, ...body } = config.body
  return {
    computeEnvironmentName: config.name,
    computeEnvironmentArn: batchArn(deployment, `compute-environment/${config.name}`),
    ecsClusterArn: ecsArn(deployment, `cluster/${config.name}`),
    uuid: config.uuid,
    containerOrchestrationType: 'ECS',
    status: 'VALID',
    statusReason: 'ComputeEnvironment Healthy',
    ...body,
    computeResources: { type: 'EC2', ...computeResources },
    tags: tags ?? {},
  }
}
