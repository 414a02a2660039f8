import { addResources, noResources } from '../model/resources.ts'
import type { FairShare } from '../scheduling/fair-share.ts'
import { useOf } from '../scheduling/share-usage.ts'
import { inTurns, ShareWalk } from '../scheduling/share-walk.ts'
import type { TraceJob } from './trace-job.ts'
import type { WaitingJobs } from './waiting-jobs.ts'

/** A queue's jobs in the order in which one tick would ask for them: one share's turn after the other's. */
export function* jobsInTurns(
  waiting: ReadonlyMap<string, WaitingJobs>,
  fair: FairShare | undefined,
  now: number,
): Generator<TraceJob> {
  if (!fair) {
    for (const jobs of waiting.values()) yield* jobs
    return
  }
  const since = [...waiting].map(([share, jobs]) => ({ share, since: jobs.first!.id }))
  yield* inTurns(new ShareWalk(fair, since, now), (share) => waiting.get(share)![Symbol.iterator](), chargeOf)
}

function chargeOf({ id, demands }: TraceJob) {
  const resources = demands.map((demand) => demand.resources).reduce(addResources, noResources)
  return { use: useOf(resources), since: id }
}
