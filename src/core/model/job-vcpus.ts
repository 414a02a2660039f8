import { nodeKinds } from './effective-nodes.ts'
import { effectivePod } from './effective-pod.ts'
import type { JobRequest } from './job.ts'
import type { EksContainer, JobDefinition } from './job-definition.ts'
import { taskSpec } from './task-spec.ts'

/** The vCPUs one attempt of a job (of an array: of each child) asks for, all containers and nodes together. */
export function jobVcpus(definition: JobDefinition, request: JobRequest): number {
  const { eksProperties, nodeProperties } = definition.body
  if (eksProperties) {
    const { podProperties } = effectivePod(eksProperties, request.eksPropertiesOverride)
    return (podProperties?.containers ?? []).reduce((sum, container) => sum + podCpus(container), 0)
  }
  if (!nodeProperties) return taskSpec(definition, request).resources.cpuMilli / 1000
  const { kinds, kindOf } = nodeKinds(definition, request)
  const ofKind = kinds.map((node) => jobVcpus(node.definition, node.request))
  return kindOf.reduce((sum, kind) => sum + ofKind[kind]!, 0)
}

function podCpus({ resources }: EksContainer): number {
  return Number(resources?.requests?.cpu ?? resources?.limits?.cpu ?? 0)
}
