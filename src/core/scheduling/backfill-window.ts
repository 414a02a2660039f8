import { limits } from '../limits.ts'

/**
 * How many jobs of one share that find no room a tick passes by, behind one that found none: its part of the window, so that
 * others have their turn. `shares`: how many have jobs that wait.
 */
export function backfillWindowOf(shares: number): number {
  return Math.max(limits.backfillOfShare, Math.ceil(limits.backfillWindow / shares))
}
