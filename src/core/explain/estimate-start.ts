import type { Explanation, Wait } from '../model/explanation.ts'
import type { JobFacts } from './job-facts.ts'

/** Waits that only somebody's doing ends: no time can be told. */
const endless = new Set(['ENVIRONMENTS_DISABLED', 'NO_HOST', 'NO_HOST_FITS', 'DEPENDENCY'])

/**
 * When a waiting job may start, by what is known for sure first: the time by which the room made or kept for it is free
 * at the latest (attempts' grace or timeouts bound it), else the rate at which its queue has started jobs of late. Undefined where neither tells anything.
 */
export function estimateStart(facts: JobFacts, waitingFor: readonly Wait[]): Explanation['estimatedStart'] {
  if (waitingFor.some(({ kind }) => endless.has(kind))) return undefined
  const made = facts.environments.flatMap(({ roomBeingMade }) => roomBeingMade?.expectedAt ?? [])
  if (made.length > 0)
    return {
      at: Math.min(...made),
      basis:
        'room is being made for it: by then the attempts that were told to stop have done so at the latest',
    }
  const reserved = facts.environments.flatMap(({ reservation }) =>
    reservation?.forThisJob && reservation.expectedAt !== undefined ? [reservation.expectedAt] : [],
  )
  if (reserved.length > 0)
    return {
      at: Math.min(...reserved),
      basis:
        'room is being kept for it: by then the attempts that hold it have reached their timeouts at the latest',
    }
  const { recentStarts, order, now } = facts
  if (!recentStarts || recentStarts.count === 0 || !order) return undefined
  const perMinute = recentStarts.count / recentStarts.minutes
  const minutes = (order.jobsAhead + 1) / perMinute
  return {
    at: now + Math.round(minutes * 60_000),
    basis: `${order.jobsAheadIsAtLeast ? 'at least ' : ''}${order.jobsAhead} ${order.jobsAhead === 1 ? 'job' : 'jobs'} ahead, and the queue has started ${recentStarts.count} in the last ${recentStarts.minutes} minutes`,
  }
}
