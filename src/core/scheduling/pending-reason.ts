/** How an environment stands towards new work: `hosts` are connected, none is, or it takes none. */
export type Standing = 'hosts' | 'no-host' | 'disabled'

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
  return `ACTION_REQUIRED - No host is connected to the compute environments of the job queue: ${names}`
}
