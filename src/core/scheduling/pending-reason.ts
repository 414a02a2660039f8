/** How an environment stands towards new work: `hosts` are connected, none is, or it takes none. */
export type Standing = 'hosts' | 'no-host' | 'disabled'

/** Codes of AWS's for why the head of a queue waits that an action may be for. */
export const waitCodes = {
  noCapacity: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
  /** No connected host could hold it. */
  noHostFits: 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
  /** It wants more than the environment may ever have. */
  overMaximum: 'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE',
} as const

/** Of the reasons that environments give for why they cannot hold a job, the one that may still come to an end. */
export function mostHopeful(reasons: readonly string[]): string {
  return reasons.find((reason) => !reason.startsWith(waitCodes.overMaximum)) ?? reasons[0]!
}

/**
 * Why all jobs of a queue wait, where that is plain from how its environments stand; undefined while one of them has
 * hosts, or has not been asked. Reads `CODE - text`, as AWS's reasons of blocked queues do.
 */
export function pendingReason(
  environments: readonly { name: string; standing: Standing | undefined }[],
): string | undefined {
  if (environments.some(({ standing }) => standing === undefined || standing === 'hosts')) return undefined
  const names = environments.map(({ name }) => name).join(', ')
  if (environments.every(({ standing }) => standing === 'disabled'))
    return `ACTION_REQUIRED - All compute environments of the job queue are DISABLED: ${names}`
  return `${waitCodes.noCapacity} - No host is connected to the compute environments of the job queue: ${names}`
}
