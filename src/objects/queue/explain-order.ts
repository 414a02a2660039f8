import type { OrderStanding, ShareStanding } from '../../core/model/explanation.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { FairShare } from '../../core/scheduling/fair-share.ts'
import { weightOf } from '../../core/scheduling/share-weights.ts'
import type { QueueState } from './queue-state.ts'
import { compareOrder } from './ready-store.ts'

/** Jobs ahead that are counted, at most: an explanation costs the same however deep the queue. */
const countedAhead = 500

/** Where a job that waits stands in the order of its queue, or of its share, and how that share stands. */
export function orderStanding(state: QueueState, job: Job, now: number): OrderStanding {
  const counted = state.ready.countAhead(job, countedAhead)
  const jobsAhead = counted - placedAhead(state, job, counted)
  const { fair } = state.allocations
  return {
    jobsAhead,
    ...(counted === countedAhead ? { jobsAheadIsAtLeast: true } : {}),
    schedulingPriority: job.priority,
    ...(fair ? { share: shareStanding(state, fair, state.ready.shareName(job.share), now) } : {}),
  }
}

/** What is placed stands in the store's order until it has started. */
function placedAhead(state: QueueState, job: Job, most: number): number {
  const isAhead = (seq: number) => {
    const other = state.loadJob(seq)
    return other?.ready && other.share === job.share && compareOrder(other, job) < 0
  }
  return state.startingJobs().slice(0, most).filter(isAhead).length
}

function shareStanding(state: QueueState, fair: FairShare, share: string, now: number): ShareStanding {
  const { order, allocations } = state
  const weightFactor = weightOf(fair.policy, share).at(-1) ?? 1
  return {
    shareIdentifier: share,
    weightFactor,
    weightedUsage: fair.keyOf(share, weightFactor, now),
    rank: order.turnsOfAll(fair, now).rankOf(share),
    activeShares: allocations.activeCount(now),
  }
}
