import { arrayOutline } from '../../core/decisions/submit-job.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { DependencyState } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

/** How a job of this queue, or a child by its position, stands for those that would wait for it. */
export function dependencyState(state: QueueState, ledger: QueueLedger, target: JobTarget): DependencyState {
  const job = ledger.job(target.seq)
  // A node is no job that could be waited for.
  if (!job || target.node !== undefined) return { state: 'unknown' }
  const progress = target.index === undefined ? job.progress : ledger.child(target.seq, target.index)
  const array =
    job.array && target.index === undefined
      ? { array: arrayOutline(job.array.sparseSize ?? job.array.size, state.indexes.of(job)) }
      : {}
  if (!isTerminal(progress.state)) return { state: 'unfinished', ...array }
  return { state: progress.state === 'SUCCEEDED' ? 'succeeded' : 'failed', ...array }
}
