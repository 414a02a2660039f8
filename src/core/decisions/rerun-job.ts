import type { IndexSet } from '../model/index-set.ts'
import { isTerminal, type JobRequest } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'

/** What of an ended job is to run again. `indexes`: of an array, those that failed; absent where all of it did. */
export type Rerun = { request: JobRequest; indexes?: IndexSet }

/**
 * Draws up the request that runs a FAILED job, or only the failed children of an array, again. It waits for nothing but
 * its own order: what the first run waited for has ended, and an end that failed it would fail it again.
 */
export function decideRerun(
  job: Job,
  text: string,
  jobName: string | undefined,
  failedIndexes: () => IndexSet,
): Outcome<Rerun> {
  const { state } = job.progress
  if (!isTerminal(state)) return refused(`jobId: job ${text} has not ended: it is ${state}`)
  if (state === 'SUCCEEDED') return refused(`jobId: job ${text} has SUCCEEDED: there is nothing to run again`)
  const { dependsOn, arrayProperties, ...kept } = job.request
  const sequential = (dependsOn ?? []).some(({ type }) => type === 'SEQUENTIAL')
  const request: JobRequest = {
    ...kept,
    jobName: jobName ?? kept.jobName,
    ...(sequential ? { dependsOn: [{ type: 'SEQUENTIAL' }] } : {}),
  }
  const size = arrayProperties?.size
  if (size === undefined) return accepted({ request })
  const { indexes: _, ...properties } = arrayProperties!
  const indexes = failedIndexes()
  const again = { ...request, arrayProperties: properties }
  return accepted(indexes.isDense(size) ? { request: again } : { request: again, indexes })
}
