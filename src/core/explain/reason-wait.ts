import type { EnvironmentStanding, Wait, WaitKind } from '../model/explanation.ts'
import { waitCodes } from '../scheduling/pending-reason.ts'

/** What the queue's own reason (`CODE - text`, its `statusReason`) says the job waits for. */
export function reasonWait(reason: string, environments: readonly EnvironmentStanding[]): Wait | undefined {
  const at = reason.indexOf(' - ')
  const code = at < 0 ? reason : reason.slice(0, at)
  const kind = kinds[code]
  if (kind === undefined) return undefined
  return { kind, text: at < 0 ? reason : reason.slice(at + 3), remedy: remedies[kind](environments) }
}

const kinds: Record<string, keyof typeof remedies> = {
  [waitCodes.noHostFits]: 'NO_HOST_FITS',
  [waitCodes.overMaximum]: 'NO_HOST_FITS',
  [waitCodes.noCapacity]: 'NO_HOST',
  ACTION_REQUIRED: 'ENVIRONMENTS_DISABLED',
  CONSUMABLE_RESOURCE_UNAVAILABLE: 'CONSUMABLE_RESOURCE',
  QUEUE_LIMIT: 'QUEUE_LIMIT',
  SHARE_LIMIT: 'SHARE_LIMIT',
}

const names = (environments: readonly EnvironmentStanding[]) =>
  environments.map(({ computeEnvironment }) => computeEnvironment).join(' or ')

const remedies = {
  NO_HOST_FITS: (environments) =>
    `Connect a host to ${names(environments)} that is large enough, or submit the job with less`,
  NO_HOST: (environments) =>
    `Connect a host: longshore agent --environment ${environments[0]?.computeEnvironment}`,
  ENVIRONMENTS_DISABLED: (environments) =>
    `Enable ${names(environments)} (UpdateComputeEnvironment, state ENABLED)`,
  CONSUMABLE_RESOURCE: () =>
    'Wait until what others hold is given back, or raise the total (UpdateConsumableResource)',
  QUEUE_LIMIT: () =>
    'Wait for jobs of the queue to end, or raise schedulingSettings.limits of the queue (UpdateJobQueue)',
  SHARE_LIMIT: () =>
    'Wait for jobs of the share to end, or raise its limits in the scheduling policy (UpdateSchedulingPolicy)',
} satisfies Partial<Record<WaitKind, (environments: readonly EnvironmentStanding[]) => string>>
