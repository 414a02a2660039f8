import { podContainerName } from '../model/effective-pod.ts'
import { effectiveJobTask } from '../model/effective-task.ts'
import { fargateFault } from '../model/fargate-size.ts'
import type { JobRequest, TaskContainerOverrides } from '../model/job.ts'
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
  return refuseContainers(body, request) ?? refusePod(body, request) ?? refuseOnFargate(body, request)
}

function refuseContainers(body: JobDefinitionBody, request: JobRequest): string | undefined {
  const changes = overriddenContainers(request.ecsPropertiesOverride)
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

/** What a job needs on Fargate after all changes, as its definition was looked at before them. */
function refuseOnFargate(body: JobDefinitionBody, request: JobRequest): string | undefined {
  if (!body.platformCapabilities?.includes('FARGATE')) return undefined
  const { containerOverrides, ecsPropertiesOverride } = request
  for (const member of ['vcpus', 'memory'] as const)
    if (containerOverrides?.[member] !== undefined)
      return `${member} is not applicable for Fargate. Use resource requirements instead.`
  const changes = containerOverrides ? [containerOverrides] : overriddenContainers(ecsPropertiesOverride)
  if (!changes.some((change) => change.resourceRequirements?.length)) return undefined
  const { containerProperties = {}, ecsProperties } = effectiveJobTask(body, request)
  const fault = fargateFault(ecsProperties ? taskContainers(ecsProperties) : [containerProperties])
  if (!fault) return undefined
  const member = ecsProperties
    ? 'ecsPropertiesOverride.taskProperties[0].containers'
    : 'containerOverrides.resourceRequirements'
  return `${member}: ${fault.rule}`
}

function overriddenContainers(override: JobRequest['ecsPropertiesOverride']): TaskContainerOverrides[] {
  return override?.taskProperties?.[0]?.containers ?? []
}
