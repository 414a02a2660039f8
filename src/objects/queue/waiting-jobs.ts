import type { Job } from '../../core/model/job-record.ts'
import { useOf } from '../../core/scheduling/share-usage.ts'
import { inTurns } from '../../core/scheduling/share-walk.ts'
import type { QueueState } from './queue-state.ts'

/** Jobs read at once of a queue without shares, and of one share of many. */
const jobsAtOnce = { queue: 100, share: 8 }

/**
 * Jobs that wait to be placed in the order in which they will be if all find room, arrays with a child that does among
 * them; those that are set aside stand where they would. `now`: epoch ms.
 */
export function* waitingJobs(state: QueueState, now: number): Generator<Job> {
  const { fair } = state.allocations
  if (!fair) return yield* ofShare(state, 0, jobsAtOnce.queue)
  yield* inTurns(
    state.order.turnsOfAll(fair, now),
    (share) => ofShare(state, state.ready.numberOf(share)!, jobsAtOnce.share),
    (job) => ({ use: useOf(state.shapes.resourcesOf(job)), since: job.seq }),
  )
}

function* ofShare(state: QueueState, share: number, atOnce: number): Generator<Job> {
  let page = state.ready.entries(share, undefined, atOnce)
  while (page.length > 0) {
    for (const { seq } of page) {
      const job = state.loadJob(seq)
      const waits = job?.array ? hasStartableChild(state, job) : job?.progress.state === 'RUNNABLE'
      if (job && waits) yield job
    }
    if (page.length < atOnce) return
    page = state.ready.entries(share, page.at(-1), atOnce)
  }
}

function hasStartableChild(state: QueueState, job: Job): boolean {
  return !state.mirror(job).children.startable().next().done
}
