import { limits } from '../../core/limits.ts'
import { formatJobId } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import { jobVcpus } from '../../core/model/job-vcpus.ts'
import type { QueueSnapshot } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { waitingJobs } from './waiting-jobs.ts'

/** Jobs that are looked at for which shares are active. */
const scanLimit = 10_000

/** The head of the queue, and what its dispatched jobs have asked for. `now`: epoch ms. */
export function queueSnapshot(state: QueueState, now: number): QueueSnapshot {
  const front: QueueSnapshot['front'] = []
  for (const job of waitingJobs(state)) {
    front.push({ jobId: idOf(state, job), earliestTimeAtPosition: earliestAtPosition(state, job) })
    if (front.length === limits.snapshotJobs) break
  }
  const byShare = new Map<string, number>()
  let vcpus = 0
  for (const { job, attempts } of state.dispatched()) {
    const used = attempts * jobVcpus(state.jobs.definition(job.definition), job.request)
    const share = job.request.shareIdentifier
    vcpus += used
    if (share !== undefined) byShare.set(share, (byShare.get(share) ?? 0) + used)
  }
  if (!state.config.schedulingPolicyArn) return { at: now, front, vcpus }
  const top = [...byShare].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return {
    at: now,
    front,
    vcpus,
    shares: {
      active: activeShares(state, byShare.keys()),
      top: top.slice(0, limits.snapshotShares).map(([share, used]) => ({ share, vcpus: used })),
    },
  }
}

function idOf(state: QueueState, { seq }: Job): string {
  return formatJobId({ queue: state.config.number, shard: 0, seq }, state.deployment.salt)
}

/** Since the job began to wait, or since somebody before it was placed last, as far as memory knows. */
function earliestAtPosition(state: QueueState, job: Job): number {
  const waitsSince = job.progress.attempts.at(-1)?.stoppedAt ?? job.createdAt
  return Math.max(waitsSince, state.placedAt)
}

/** A share is active while it has a job that has not ended. */
function activeShares(state: QueueState, dispatched: Iterable<string>): number {
  const shares = new Set(dispatched)
  const waiting = [
    ...(state.jobs.readySeqs(scanLimit) ?? []),
    ...state.jobs.pendingSeqs(Number.MAX_SAFE_INTEGER, scanLimit),
  ]
  for (const seq of waiting) {
    const job = state.loadJob(seq)
    if (job?.request.shareIdentifier !== undefined && !isTerminal(job.progress.state))
      shares.add(job.request.shareIdentifier)
  }
  return shares.size
}
