import type { StateTimeLimit } from '../model/queue.ts'

/** The job at the head of a queue as it stands, and the code of why it waits, where there is one. */
export type Head = { seq: number; reason?: string }

/** Since when a job has waited at the head of its queue for one reason without a break. Epoch ms. */
export type BlockedHead = { seq: number; reason: string; since: number }

/**
 * `blocked`: what is to be remembered. `actAt`: when it has waited for too long, if nothing changes. `cancel`: it has, and
 * is to be cancelled for `statusReason`.
 */
export type LimitDecision = {
  blocked?: BlockedHead
  actAt?: number
  cancel?: { seq: number; statusReason: string }
}

/**
 * Applies a queue's `jobStateTimeLimitActions` (AWS Batch API): a job is cancelled that has been RUNNABLE at the head of
 * the queue for `maxTimeSeconds` for the action's reason. Another job at the head, or another reason, starts the
 * clock anew, and only what an action is for is remembered.
 */
export function decideStateTimeLimit(
  actions: readonly StateTimeLimit[],
  before: BlockedHead | undefined,
  head: Head | undefined,
  now: number,
): LimitDecision {
  const action = head && actions.find(({ reason }) => reason === head.reason)
  if (!head || !action) return {}
  const goesOn = before?.seq === head.seq && before.reason === action.reason
  const blocked = goesOn ? before : { seq: head.seq, reason: action.reason, since: now }
  const actAt = blocked.since + action.maxTimeSeconds * 1000
  if (now < actAt) return { blocked, actAt }
  const statusReason = `Canceled by JobStateTimeLimit action due to reason: ${action.reason}`
  return { blocked, cancel: { seq: head.seq, statusReason } }
}

/** The code of a status reason that reads `CODE - text`. */
export function reasonCode(statusReason: string): string {
  return statusReason.split(' - ', 1)[0]!
}
