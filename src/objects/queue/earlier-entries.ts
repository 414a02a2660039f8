import type { JobRequest } from '../../core/model/job.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { SubmittedJob } from './queue-rpc.ts'

/** The request with the ids of earlier entries' jobs for the entries' numbers. */
export function withEarlierJobs(request: JobRequest, earlier: Outcome<SubmittedJob>[]): Outcome<JobRequest> {
  if (!request.dependsOn?.some(({ entry }) => entry !== undefined)) return accepted(request)
  const dependsOn: JobRequest['dependsOn'] = []
  for (const { entry, ...dependency } of request.dependsOn) {
    if (entry === undefined) {
      dependsOn.push(dependency)
      continue
    }
    if (dependency.jobId !== undefined) return refused('dependsOn: jobId and entry exclude each other')
    const outcome = earlier[entry]
    if (!outcome) return refused(`dependsOn: entry ${entry} is not an earlier one of this request`)
    if (!outcome.ok) return refused(`dependsOn: entry ${entry} was refused`)
    dependsOn.push({ ...dependency, jobId: outcome.value.jobId })
  }
  return accepted({ ...request, dependsOn })
}
