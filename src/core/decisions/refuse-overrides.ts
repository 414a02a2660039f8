import { podContainerName } from '../model/effective-pod.ts'
import type { JobRequest } from '../model/job.ts'
import type { JobDefinitionBody } from '../model/job-definition.ts'
import { containerNameOf, taskContainers } from '../model/task-containers.ts'

/** What a job may be overridden with, and the member of its definition that has it. */
const forms = {
  containerOverrides: 'containerProperties',
  ecsPropertiesOverride: 'ecsProperties',
  eksPropertiesOverride: 'eksProperties',
} as const

/** Why a job's overrides do not go with its definition, naming the member, or undefined. Empty ones go with any. */
export function refuseOverrides(body: JobDefinitionBody, request: JobRequest): string | undefined {
  if (body.nodeProperties) return undefined
  for (const [override, form] of Object.entries(forms) as [
    keyof typeof forms,
    (typeof forms)[keyof typeof forms],
  ][])
    if (!body[form] && Object.keys(request[override] ?? {}).length > 0)
      return `${override}: the job definition has no ${form}`
  return refuseContainers(body, request) ?? refusePod(body, request)
}

function refuseContainers(body: JobDefinitionBody, request: JobRequest): string | undefined {
  const changes = request.ecsPropertiesOverride?.taskProperties?.[0]?.containers ?? []
  const known = taskContainers(body.ecsProperties ?? {}).map(containerNameOf)
  const unknown = changes.findIndex((change) => !known.includes(containerNameOf(change)))
  if (unknown < 0) return undefined
  const member = `ecsPropertiesOverride.taskProperties[0].containers[${unknown}].name`
  return `${member}: the job definition has no container ${containerNameOf(changes[unknown]!)}`
}

function refusePod(body: JobDefinitionBody, request: JobRequest): string | undefined {
  for (const kind of ['containers', 'initContainers'] as const) {
    const changes = request.eksPropertiesOverride?.podProperties?.[kind] ?? []
    const known = (body.eksProperties?.podProperties?.[kind] ?? []).map(podContainerName)
    const unknown = changes.findIndex((change) => !known.includes(podContainerName(change)))
    if (unknown < 0) continue
    const member = `eksPropertiesOverride.podProperties.${kind}[${unknown}].name`
    return `${member}: the job definition has no such container ${podContainerName(changes[unknown]!)}`
  }
  return undefined
}
