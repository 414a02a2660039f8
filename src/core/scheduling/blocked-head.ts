import type { StateTimeLimit } from '../model/queue.ts'
import { waitCodes } from './pending-reason.ts'

/** For so long a head must have waited for one reason before the queue counts as blocked: a host may be on its way. */
export const blockedAfterMs = 30_000

/** The job at the head of a queue as it stands, and the code of why it waits, where there is one. */
export type Head = { seq: number; reason?: string }

/**
 * Since when a job has waited at the head of its queue for one reason without a break; epoch ms. `told`: that the queue is
 * blocked has been said.
 */
export type BlockedHead = { seq: number; reason: string; since: number; told?: true }

/**
 * `blocked`: what is to be remembered. `tell`: the queue is blocked, which is to be said now. `lookAt`: when something is
 * to be done if nothing changes. `cancel`: it has waited for too long, and is to be cancelled for `statusReason`.
 */
export type HeadDecision = {
  blocked?: BlockedHead
  tell?: true
  lookAt?: number
  cancel?: { seq: number; statusReason: string }
}

/**
 * Judges a queue's head. The queue is blocked once its head has waited for one of AWS's reasons for a while; that is said
 * once for each job and reason (AWS Batch user guide, "Job queue blocked events"), and never of a reason that passes before.
 * Its `jobStateTimeLimitActions` (AWS Batch API): a job is cancelled that has been RUNNABLE at the head for
 * `maxTimeSeconds` for the action's reason. Another job at the head, or another reason, starts the clock anew.
 */
export function decideHead(
  actions: readonly StateTimeLimit[],
  before: BlockedHead | undefined,
  head: Head | undefined,
  now: number,
): HeadDecision {
  const reason = head?.reason
  const action = actions.find((one) => one.reason === reason)
  if (!head || reason === undefined || !(action || codes.has(reason))) return {}
  const goesOn = before?.seq === head.seq && before.reason === reason
  const blocked = goesOn ? before : { seq: head.seq, reason, since: now }
  const actAt = action ? blocked.since + action.maxTimeSeconds * 1000 : Number.POSITIVE_INFINITY
  if (now >= actAt) {
    const statusReason = `Canceled by JobStateTimeLimit action due to reason: ${reason}`
    return { blocked, cancel: { seq: head.seq, statusReason } }
  }
  const tellAt = blocked.told ? Number.POSITIVE_INFINITY : blocked.since + blockedAfterMs
  const told =
    now >= tellAt ? { blocked: { ...blocked, told: true as const }, tell: true as const } : { blocked }
  const lookAt = now >= tellAt ? actAt : Math.min(tellAt, actAt)
  return Number.isFinite(lookAt) ? { ...told, lookAt } : told
}

/** The code of a status reason that reads `CODE - text`. */
export function reasonCode(statusReason: string): string {
  return statusReason.split(' - ', 1)[0]!
}

const codes = new Set<string>(Object.values(waitCodes))
