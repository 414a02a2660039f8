import { limits } from '../limits.ts'
import { numbersIn, type Range } from '../model/index-set.ts'
import type { ArrayKey } from '../model/job-record.ts'
import type { Ledger } from './ledger.ts'
import { failFollower, settleFollower } from './settle-job.ts'

/** Children of a followed array that have ended. */
export type EndedChildren = { succeeded: readonly Range[]; failed: readonly Range[] }

/**
 * Another queue tells which children of its array have ended. They end once and for all, so that hearing it again, or
 * of a later child first, changes nothing. True when there is more to settle than one decision should hold.
 */
export function settleCounterparts(ledger: Ledger, array: ArrayKey, ended: EndedChildren): boolean {
  const followers = ledger.followers(array)
  if (followers.length === 0) return false
  ledger.noteCounterparts(array, ended.succeeded)
  let more = false
  for (const seq of followers) {
    const size = ledger.job(seq)?.array?.size ?? 0
    for (const position of numbersIn(ended.succeeded, size)) settleFollower(ledger, seq, position, true)
    if (failFollower(ledger, seq, ended.failed, limits.childrenPerCommit)) more = true
  }
  return more
}
