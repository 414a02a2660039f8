import type { AttemptReport, HeldAttempt } from '../model/attempt.ts'

/** What the environment holds of one attempt on a host. `stop`: it is to be stopped, and why. `held`: the host is not told of it yet. */
type Held = { attemptId: string; stop?: string; held?: boolean }

/** What a host's hello leads to, where its word and the environment's differ. */
export type HostReconciliation<Placement extends Held> = {
  /** The host must stop these: they are placed here no longer, or their stop has not reached it. */
  stop: { attemptId: string; reason: string }[]
  /** To be passed on as if reported just now. */
  reports: AttemptReport[]
  /** Placed here, but the host has never heard of them. */
  absent: Placement[]
}

/** Compares what an environment and a host that says hello believe is running on it. */
export function reconcileHost<Placement extends Held>(
  placements: ReadonlyMap<string, Placement>,
  attempts: readonly HeldAttempt[],
): HostReconciliation<Placement> {
  const stop: { attemptId: string; reason: string }[] = []
  const reports: AttemptReport[] = []
  for (const attempt of attempts) {
    const { attemptId } = attempt
    if (attempt.state === 'ended') {
      reports.push(attempt.report)
      continue
    }
    const placement = placements.get(attemptId)
    if (!placement) stop.push({ attemptId, reason: 'Not placed on this host any more' })
    else if (placement.stop !== undefined) stop.push({ attemptId, reason: placement.stop })
    if (placement && attempt.state === 'running')
      reports.push({ attemptId, kind: 'started', startedAt: attempt.startedAt })
  }
  const named = new Set(attempts.map(({ attemptId }) => attemptId))
  const absent = [...placements.values()].filter(({ attemptId, held }) => !held && !named.has(attemptId))
  return { stop, reports, absent }
}
