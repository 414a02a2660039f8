import type { Job } from '../../core/model/job-record.ts'
import { useOf } from '../../core/scheduling/share-usage.ts'
import { inTurns } from '../../core/scheduling/share-walk.ts'
import type { QueueState } from './queue-state.ts'

/** Jobs read at once of a queue without shares, and of one share of many. */
const jobsAtOnce = { queue: 100, share: 8 }

/** Whether a job counts as waiting. */
export type Waits = (job: Job) => boolean

/**
 * Jobs that wait to be placed in the order in which they will be if all find room, arrays with a child that does among
 * them; those that are set aside stand where they would. `now`: epoch ms.
 */
export function* waitingJobs(
  state: QueueState,
  now: number,
  waits: Waits = (job) => mayStart(state, job),
): Generator<Job> {
  const { fair } = state.allocations
  if (!fair) return yield* ofShare(state, 0, jobsAtOnce.queue, waits)
  yield* inTurns(
    state.order.turnsOfAll(fair, now),
    (share) => ofShare(state, state.ready.numberOf(share)!, jobsAtOnce.share, waits),
    (job) => ({ use: useOf(state.shapes.resourcesOf(job)), since: job.seq }),
  )
}

function* ofShare(state: QueueState, share: number, atOnce: number, waits: Waits): Generator<Job> {
  let page = state.ready.entries(share, undefined, atOnce)
  while (page.length > 0) {
    for (const { seq } of page) {
      const job = state.loadJob(seq)
      if (job && waits(job)) yield job
    }
    if (page.length < atOnce) return
    page = state.ready.entries(share, page.at(-1), atOnce)
  }
}

function mayStart(state: QueueState, job: Job): boolean {
  if (!job.array) return job.progress.state === 'RUNNABLE'
  return !state.mirror(job).children.startable().next().done
}
