import {
  type ComputeResources,
  type EnvironmentBody,
  type EnvironmentConfig,
  isFargate,
} from '../model/environment.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'
import { brokenResourcesRule, infrastructureMembers, strategyOf } from './compute-resources.ts'

const defaultLeaseMs = 10 * 60_000
/** Member of an environment's `context` (JSON text) that sets its lease, seconds. Ours; AWS leaves `context` free. */
const leaseMember = 'longshore.leaseSeconds'

/** `UpdateComputeEnvironment`'s members; those of `computeResources` are changed one by one. */
export type EnvironmentChange = {
  state?: 'ENABLED' | 'DISABLED'
  unmanagedvCpus?: number
  computeResources?: Record<string, unknown>
  serviceRole?: string
  updatePolicy?: { terminateJobsOnUpdate?: boolean; jobExecutionTimeoutMinutes?: number }
  context?: string
  ecsSettings?: Record<string, unknown>
}

/**
 * A new environment's body as it is stored: defaults that the API shows are filled in, and what an UNMANAGED one says
 * of compute resources is dropped, as AWS drops it. AWS requires its `serviceRole`; there is no service to give it to.
 */
export function createdEnvironment(body: EnvironmentBody): Outcome<EnvironmentBody> {
  const lease = leaseOf(body)
  if (!lease.ok) return lease
  if (body.type === 'UNMANAGED') {
    const { computeResources: _, ...rest } = body
    return body.eksConfiguration
      ? refused('eksConfiguration: an EKS compute environment must be MANAGED')
      : accepted(rest)
  }
  const rule = brokenRule(body)
  if (rule !== undefined) return refused(rule)
  return accepted({ ...body, computeResources: withDefaults(body.computeResources!) })
}

/** An environment's body after a change, or why it may not be changed so. */
export function updatedEnvironment(
  config: EnvironmentConfig,
  change: EnvironmentChange,
): Outcome<EnvironmentBody> {
  const { body } = config
  const { computeResources: asked, updatePolicy, ...plain } = change
  if (asked && body.computeResources) {
    const refusal = refuseResourcesChange(body, body.computeResources, asked)
    if (refusal !== undefined) return refused(refusal)
  }
  const next: EnvironmentBody = {
    ...body,
    ...plain,
    ...(updatePolicy
      ? {
          updatePolicy: {
            terminateJobsOnUpdate: false,
            jobExecutionTimeoutMinutes: 30,
            ...body.updatePolicy,
            ...updatePolicy,
          },
        }
      : {}),
    ...(body.computeResources && asked
      ? { computeResources: mergedResources(body.computeResources, asked) }
      : {}),
  }
  const lease = leaseOf(next)
  if (!lease.ok) return lease
  // An agent counts by the lease it was told: a shorter one here would declare it lost while it still runs its jobs.
  if (lease.value !== config.leaseMs)
    return refused(`context: ${leaseMember} cannot be changed once the compute environment is made`)
  const rule = next.type === 'MANAGED' ? brokenRule(next) : undefined
  return rule === undefined ? accepted(next) : refused(rule)
}

/** Why an environment may not be deleted; `queues`: how many have it in their order. */
export function refuseEnvironmentDelete(body: EnvironmentBody, queues: number): string | undefined {
  if (queues > 0) return 'Cannot delete, found existing JobQueue relationship'
  return body.state === 'DISABLED' ? undefined : 'Cannot delete, state must be DISABLED'
}

/** How long a host may be silent, milliseconds. */
export function leaseOf(body: EnvironmentBody): Outcome<number> {
  if (!body.context?.includes(leaseMember)) return accepted(defaultLeaseMs)
  const seconds = leaseSeconds(body.context)
  if (typeof seconds === 'number' && seconds >= 2 && seconds <= 86_400) return accepted(seconds * 1000)
  return refused(`context: ${leaseMember} must be a number of seconds from 2 to 86400`)
}

function leaseSeconds(context: string): unknown {
  try {
    return (JSON.parse(context) as Record<string, unknown>)[leaseMember]
  } catch {
    return undefined
  }
}

function brokenRule(body: EnvironmentBody): string | undefined {
  if (body.unmanagedvCpus !== undefined)
    return 'unmanagedvCpus: applies to UNMANAGED compute environments only'
  const namespace = body.eksConfiguration?.kubernetesNamespace
  if (typeof namespace === 'string' && !isNamespace(namespace))
    return 'eksConfiguration.kubernetesNamespace: must be a DNS label of at most 63 characters, and neither default nor begin with kube'
  return brokenResourcesRule(body)
}

function isNamespace(text: string): boolean {
  return /^(?!default$|kube)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
}

function refuseResourcesChange(
  body: EnvironmentBody,
  now: ComputeResources,
  asked: Record<string, unknown>,
): string | undefined {
  const merged = mergedResources(now, asked)
  if (familyOf(merged.type) !== familyOf(now.type))
    return `computeResources.type: cannot be changed from ${now.type} to ${merged.type}`
  if (familyOf(now.type) !== 'EC2') return undefined
  if (typeof asked.desiredvCpus === 'number' && asked.desiredvCpus < (now.desiredvCpus ?? 0))
    return 'Manually scaling down compute environment is not supported. Disconnecting job queues from compute environment will cause it to scale-down to minvCpus.'
  const changed = infrastructureMembers.find(
    (member) => JSON.stringify(merged[member]) !== JSON.stringify(now[member]),
  )
  const infrastructure =
    changed ?? (asked.updateToLatestImageVersion === true ? 'updateToLatestImageVersion' : undefined)
  if (infrastructure === undefined) return undefined
  if (strategyOf(now, body.eksConfiguration !== undefined) === 'BEST_FIT')
    return `computeResources.${infrastructure}: a compute environment with the allocation strategy BEST_FIT cannot have its infrastructure updated`
  if (body.serviceRole && !/\/AWSServiceRoleForBatch$/.test(body.serviceRole))
    return `computeResources.${infrastructure}: an update of the infrastructure needs the service-linked role AWSServiceRoleForBatch`
  return undefined
}

function familyOf(type: ComputeResources['type']): string {
  if (isFargate(type)) return 'FARGATE'
  return type === 'SPOT' ? 'EC2' : type
}

/** An empty text or launch template takes its member away, as in the API; desired vCPUs follow their bounds. */
function mergedResources(now: ComputeResources, asked: Record<string, unknown>): ComputeResources {
  const { updateToLatestImageVersion: _, ...members } = asked
  const merged: ComputeResources = { ...now, ...members }
  if (members.managedInstancesProvider !== undefined)
    merged.managedInstancesProvider = mergedDeeply(
      now.managedInstancesProvider,
      members.managedInstancesProvider,
    )
  for (const member of ['imageId', 'ec2KeyPair', 'placementGroup', 'allocationStrategy'])
    if (merged[member] === '') delete merged[member]
  const template = merged.launchTemplate as Record<string, unknown> | undefined
  if (template && !template.launchTemplateId && !template.launchTemplateName) delete merged.launchTemplate
  if (merged.desiredvCpus === undefined || 'desiredvCpus' in members) return merged
  const { minvCpus = 0, maxvCpus, desiredvCpus } = merged
  return { ...merged, desiredvCpus: Math.max(minvCpus, Math.min(maxvCpus, desiredvCpus)) }
}

/** Objects are merged member by member, everything else is replaced. */
function mergedDeeply(now: unknown, asked: unknown): unknown {
  if (!isObject(now) || !isObject(asked)) return asked
  const members = Object.entries(asked).map(([name, value]) => [name, mergedDeeply(now[name], value)])
  return { ...now, ...Object.fromEntries(members) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withDefaults(resources: ComputeResources): ComputeResources {
  if (familyOf(resources.type) !== 'EC2') return resources
  const minvCpus = resources.minvCpus ?? 0
  return { ...resources, minvCpus, desiredvCpus: resources.desiredvCpus ?? minvCpus }
}
