import { fargateFault } from '../../../core/model/fargate-size.ts'
import type {
  ContainerProperties,
  EcsTaskProperties,
  LinuxParameters,
  Volume,
} from '../../../core/model/job-definition.ts'
import { isEmpty } from './fields.ts'

const refusedMembers = ['privileged', 'ulimits', 'instanceType'] as const
const refusedLinuxParameters = ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'] as const

/** A member's path within what was looked at, and the rule of Fargate that it breaks. */
export type BrokenRule = { path: PropertyKey[]; rule: string }

const notAvailable = 'not available on FARGATE'
const roleRequired: BrokenRule = { path: ['executionRoleArn'], rule: 'required for FARGATE' }

/** The first rule of Fargate that a single container breaks. */
export function brokenByContainer(container: ContainerProperties): BrokenRule | undefined {
  if (!container.executionRoleArn) return roleRequired
  const fault = fargateFault([container])
  if (fault) return { path: ['resourceRequirements'], rule: fault.rule }
  const member = refusedMembers.find((name) => !isEmpty(container[name]))
  if (member) return { path: [member], rule: notAvailable }
  return brokenByVolumes(container.volumes) ?? brokenByParameters(container)
}

/** The first rule of Fargate that a task of several containers breaks. */
export function brokenByTask({
  executionRoleArn,
  containers = [],
  ipcMode,
  volumes,
}: EcsTaskProperties): BrokenRule | undefined {
  if (!executionRoleArn) return roleRequired
  if (!isEmpty(ipcMode)) return { path: ['ipcMode'], rule: notAvailable }
  const fault = fargateFault(containers)
  if (fault) {
    const { container, rule } = fault
    return {
      path: ['containers', ...(container === undefined ? [] : [container, 'resourceRequirements'])],
      rule,
    }
  }
  for (const [at, container] of containers.entries()) {
    const broken: BrokenRule | undefined = container.privileged
      ? { path: ['privileged'], rule: notAvailable }
      : brokenByParameters(container)
    if (broken) return { ...broken, path: ['containers', at, ...broken.path] }
  }
  return brokenByVolumes(volumes)
}

/** There is no host whose directory could be mounted. */
function brokenByVolumes(volumes: Volume[] = []): BrokenRule | undefined {
  const at = volumes.findIndex(({ host }) => !isEmpty(host?.sourcePath))
  return at < 0 ? undefined : { path: ['volumes', at, 'host', 'sourcePath'], rule: notAvailable }
}

function brokenByParameters({
  linuxParameters,
}: {
  linuxParameters?: LinuxParameters
}): BrokenRule | undefined {
  const parameter = refusedLinuxParameters.find((name) => !isEmpty(linuxParameters?.[name]))
  return parameter ? { path: ['linuxParameters', parameter], rule: notAvailable } : undefined
}
