import type { FairShare } from '../scheduling/fair-share.ts'
import { useOf } from '../scheduling/share-usage.ts'
import { inTurns, ShareWalk } from '../scheduling/share-walk.ts'
import { resourcesOf, type TraceJob } from './trace-job.ts'
import type { WaitingJobs } from './waiting-jobs.ts'

/**
 * A queue's jobs in the order in which one tick would ask for them: one share's turn after the other's. `isOver`: of a
 * share that is to have no more turns.
 */
export function* jobsInTurns(
  waiting: ReadonlyMap<string, WaitingJobs>,
  fair: FairShare | undefined,
  now: number,
  isOver: (share: string) => boolean = () => false,
): Generator<TraceJob> {
  if (!fair) {
    for (const jobs of waiting.values()) yield* jobs
    return
  }
  const since = [...waiting].map(([share, jobs]) => ({ share, since: jobs.first!.id }))
  const itemsOf = (share: string) => until(waiting.get(share)!, () => isOver(share))
  yield* inTurns(new ShareWalk(fair, since, now), itemsOf, chargeOf)
}

function* until(jobs: WaitingJobs, isOver: () => boolean): Generator<TraceJob> {
  for (const job of jobs) {
    if (isOver()) return
    yield job
  }
}

function chargeOf(job: TraceJob) {
  return { use: useOf(resourcesOf(job)), since: job.id }
}
