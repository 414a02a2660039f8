import { architectureOf, type Capability, capabilityOf, type EnvironmentBody } from '../model/environment.ts'
import type { SchedulingSettings } from '../model/queue.ts'
import type { PolicyBody } from '../model/scheduling-policy.ts'

/** The `jobQueueType` of a queue whose environments run jobs of a capability. */
const queueTypes: Record<Capability, string> = {
  EC2: 'ECS',
  FARGATE: 'ECS_FARGATE',
  MANAGED_INSTANCES: 'ECS_MANAGED_INSTANCES',
  EKS: 'EKS',
}

/** Why these environments may not stand in one queue's order: all are of one kind and, where known, one architecture. */
export function refuseEnvironmentOrder(
  environments: EnvironmentBody[],
  jobQueueType: string | undefined,
): string | undefined {
  const capabilities = [...new Set(environments.map(capabilityOf))]
  if (capabilities.length > 1)
    return `computeEnvironmentOrder: compute environments of different kinds (${capabilities.join(', ')}) cannot be mixed in one job queue`
  const types = environments.flatMap(({ computeResources }) => computeResources?.instanceTypes ?? [])
  if (new Set(types.map(architectureOf)).size > 1)
    return 'computeEnvironmentOrder: all compute environments of a job queue must be of one architecture'
  const [capability] = capabilities
  if (capability && jobQueueType !== undefined && queueTypes[capability] !== jobQueueType)
    return `jobQueueType: ${jobQueueType} does not fit compute environments of kind ${capability}`
  return undefined
}

/** Why a queue with the policy `now` (an ARN; undefined: FIFO) may not get the policy `next`. */
export function refusePolicyChange(now: string | undefined, next: string): string | undefined {
  if (now === undefined)
    return next === ''
      ? undefined
      : 'schedulingPolicyArn: a FIFO job queue cannot be given a scheduling policy'
  return next === ''
    ? 'schedulingPolicyArn: the scheduling policy of a job queue can be replaced but not removed'
    : undefined
}

/** Why a queue of compute environments may not have this policy. */
export function refusePolicyKind(policy: PolicyBody): string | undefined {
  return policy.quotaSharePolicy
    ? 'schedulingPolicyArn: a quota-share policy is for job queues of service environments'
    : undefined
}

/** Why a queue with the policy `policyArn` (undefined: FIFO) may not have these settings. */
export function refuseSchedulingSettings(
  { preemption = [] }: SchedulingSettings,
  policyArn: string | undefined,
): string | undefined {
  return preemption.includes('SHARES') && !policyArn
    ? 'schedulingSettings.preemption: SHARES is for job queues with a fair-share scheduling policy'
    : undefined
}

export function refuseQueueDelete(state: 'ENABLED' | 'DISABLED'): string | undefined {
  return state === 'DISABLED' ? undefined : 'Cannot delete, state must be DISABLED'
}
