import type { FairShare } from '../scheduling/fair-share.ts'
import { useOf } from '../scheduling/share-usage.ts'
import { ShareWalk } from '../scheduling/share-walk.ts'
import type { TraceJob } from './trace-job.ts'
import type { WaitingJobs } from './waiting-jobs.ts'

/** A queue's jobs in the order in which one tick would ask for them: one share's turn after the other's. */
export function* inTurns(
  waiting: ReadonlyMap<string, WaitingJobs>,
  fair: FairShare | undefined,
  now: number,
): Generator<TraceJob> {
  if (!fair) {
    for (const jobs of waiting.values()) yield* jobs
    return
  }
  const since = [...waiting].map(([share, jobs]) => ({ share, since: jobs.first!.id }))
  const walk = new ShareWalk(fair, since, now)
  const open = new Map([...waiting].map(([share, jobs]) => [share, jobs[Symbol.iterator]()]))
  for (let share = walk.next(); share !== undefined; share = walk.next()) {
    const job = open.get(share)!.next().value
    if (!job) walk.drop(share)
    else {
      yield job
      charge(walk, job)
    }
  }
}

function charge(walk: ShareWalk, job: TraceJob): void {
  for (const { resources } of job.demands) walk.charge(job.share, useOf(resources), job.id)
}
