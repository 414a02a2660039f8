import { limits } from '../../core/limits.ts'
import { formatJobId } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import { ownPath } from '../../core/scheduling/fair-share.ts'
import type { QueueSnapshot } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { waitingJobs } from './waiting-jobs.ts'

/** The head of the queue, and what its dispatched jobs have asked for. `now`: epoch ms. */
export function queueSnapshot(state: QueueState, now: number): QueueSnapshot {
  const front: QueueSnapshot['front'] = []
  for (const job of waitingJobs(state, now)) {
    front.push({ jobId: idOf(state, job), earliestTimeAtPosition: earliestAtPosition(state, job) })
    if (front.length === limits.snapshotJobs) break
  }
  const { allocations } = state
  const snapshot = { at: now, front, vcpus: allocations.inUse.use.cpuMilli / 1000 }
  const { fair } = allocations
  if (!fair) return snapshot
  const used = [...allocations.activeShares(now)].map((share) => ({
    share,
    vcpus: fair.heldBy(ownPath(share)).use.cpuMilli / 1000,
  }))
  const top = used
    .filter(({ vcpus }) => vcpus > 0)
    .sort((a, b) => b.vcpus - a.vcpus || (a.share < b.share ? -1 : 1))
  return { ...snapshot, shares: { active: used.length, top: top.slice(0, limits.snapshotShares) } }
}

function idOf(state: QueueState, { seq }: Job): string {
  return formatJobId({ queue: state.config.number, shard: 0, seq }, state.deployment.salt)
}

/** Since the job began to wait, or since somebody before it was placed last, as far as memory knows. */
function earliestAtPosition(state: QueueState, job: Job): number {
  const waitsSince = job.progress.attempts.at(-1)?.stoppedAt ?? job.createdAt
  return Math.max(waitsSince, state.allocations.placedAt)
}
