import { decideStop } from '../../core/decisions/stop-job.ts'
import { limits } from '../../core/limits.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { StopRequest } from '../../core/model/progress.ts'
import type { Turn } from './job-scan.ts'
import type { QueueLedger } from './queue-ledger.ts'

/** How a long change is made: commit by commit, with the turns of others between them. */
export type Slices = { commit<Result>(work: (ledger: QueueLedger) => Result): Result; turn: Turn }

/**
 * Stops jobs; of arrays so many children a commit that others are not held up. Resolves when all have been told: who hears
 * of a failure stops them again, which leaves those that were told as they are.
 */
export async function stopInSlices(
  targets: JobTarget[],
  stop: StopRequest,
  { commit, turn }: Slices,
): Promise<void> {
  const most = Math.ceil(limits.childrenPerCommit / Math.max(1, targets.length))
  let left = targets.map((target) => ({ target, from: 0 }))
  while (left.length > 0) {
    left = commit((ledger) =>
      left.flatMap(({ target, from }) => {
        const next = decideStop(ledger, target, stop, { from, most })
        return next === undefined ? [] : [{ target, from: next }]
      }),
    )
    if (left.length > 0) await turn()
  }
}
