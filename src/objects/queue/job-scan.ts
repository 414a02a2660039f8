import type { Job } from '../../core/model/job-record.ts'
import type { QueueState } from './queue-state.ts'
import { isIndexed, isRunnable, type RowFilter, type Window } from './row-filter.ts'

/** What one turn may take, and one page, in rows of which only the state is looked at. */
const workPerTurn = 50_000
const workPerPage = 1_000_000
/** Rows read at once at most; to read one takes as long as to look at a hundred. */
const mostAtOnce = 250
const workPerRow = 100

/** Gives others their turn: submits and reports go on while a page is made. */
export type Turn = () => Promise<void>

/** `full`: there is no room for more. `end`: nothing older is wanted. */
export type Taken = 'more' | 'full' | 'end'

/**
 * Shows `take` jobs that may match, as they stand now, newest first, below sequence number `before`. Resolves with where
 * it stopped if there may be more: when `take` was full, or at what one page may cost. `wanted`: how many make it full.
 */
export async function scanJobs(
  state: QueueState,
  before: number,
  filter: RowFilter,
  wanted: number,
  turn: Turn,
  take: (job: Job) => Taken,
): Promise<number | undefined> {
  const rowsAtOnce = Math.min(wanted, mostAtOnce)
  let sinceTurn = 0
  let work = 0
  for (let at = before; ; ) {
    const window = nextWindow(state, at, filter)
    if (!window) return undefined
    const rows = state.jobs.jobsWithin(window, filter, rowsAtOnce)
    if (rows.length < rowsAtOnce) noteBarren(state, at, window, filter, rows)
    for (const row of rows) {
      at = row.seq
      const taken = take(state.withPlacement(row))
      if (taken === 'full') return at
      if (taken === 'end') return undefined
    }
    if (rows.length < rowsAtOnce) at = window.from
    const looked = isIndexed(filter) ? rows.length : window.before - at
    const done = looked + rows.length * workPerRow
    work += done
    sinceTurn += done
    if (work >= workPerPage) return at
    if (sinceTurn < workPerTurn) continue
    sinceTurn = 0
    await turn()
  }
}

/** Where jobs that match are to be looked for next. */
function nextWindow(state: QueueState, before: number, filter: RowFilter): Window | undefined {
  if (isIndexed(filter)) return before > 0 ? { from: 0, before } : undefined
  const { barren } = state
  const below = isRunnable(filter) ? barren.skip(before) : before
  const newest = below > 0 ? state.jobs.newestBelow(below) : undefined
  if (newest === undefined) return undefined
  const from = Math.max(0, newest + 1 - workPerTurn)
  return { from: isRunnable(filter) ? barren.reach(from, newest + 1) : from, before: newest + 1 }
}

/** All of a window below `at` has been looked at. */
function noteBarren(
  state: QueueState,
  at: number,
  { from, before }: Window,
  filter: RowFilter,
  found: Job[],
): void {
  if (!isRunnable(filter) || filter.definitions) return
  const seqs = found.map(({ seq }) => seq)
  state.barren.noteLookedAt(from, state.barren.skip(at), before - 1, seqs)
}
