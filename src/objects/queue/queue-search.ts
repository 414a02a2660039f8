import { isTerminal, type JobView } from '../../core/model/job.ts'
import { type JobCondition, matchesAll, matchesDefinition } from '../../core/model/job-condition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import { scanJobs } from './job-scan.ts'
import { viewJob } from './job-views.ts'
import { foreignToken, pageToken, tokenPlace } from './page-token.ts'
import type { PageMaking } from './queue-list.ts'
import type { JobPage, SearchJobs } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { clockSlackMs } from './queue-store.ts'
import type { RowFilter } from './row-filter.ts'
import type { WaitReason } from './wait-text.ts'

/** One page of a search through all jobs of a queue that are there, array parents among them, newest first. */
export async function searchJobs(
  state: QueueState,
  { maxResults, nextToken, ...asked }: SearchJobs,
  { turn, waitReason }: PageMaking,
): Promise<Outcome<JobPage>> {
  const { conditions } = asked
  const from = nextToken ? tokenPlace(asked, nextToken) : state.jobs.seqBehind(newest(conditions))
  if (from === undefined) return foreignToken()
  const oldestAt = oldest(conditions)
  const jobs: JobView[] = []
  const last = await scanJobs(state, from, rowFilter(state, conditions), maxResults, turn, (job) => {
    if (job.createdAt + clockSlackMs <= oldestAt) return 'end'
    if (isFound(state, job, conditions, waitReason)) jobs.push(viewJob(state, job, waitReason))
    return jobs.length === maxResults ? 'full' : 'more'
  })
  return accepted({ jobs, ...pageToken(asked, last) })
}

/** What the rows can tell of the conditions. */
function rowFilter(state: QueueState, conditions: JobCondition[]): RowFilter {
  const filter: RowFilter = {}
  for (const condition of conditions)
    if (condition.name === 'STATUS') filter.states ??= condition.states
    else if (condition.name === 'JOB_DEFINITION')
      filter.definitions ??= state.jobs.definitionNumbersOf((definition) =>
        condition.values.some((value) => matchesDefinition(definition, value)),
      )
  return filter
}

function isFound(state: QueueState, job: Job, conditions: JobCondition[], waitReason: WaitReason): boolean {
  const waits = isTerminal(job.progress.state) ? undefined : waitReason(job)
  const statusReason = waits ?? job.progress.statusReason
  return matchesAll({ job, definition: state.jobs.definition(job.definition), statusReason }, conditions)
}

/** Nothing created from this moment on is wanted. */
function newest(conditions: JobCondition[]): number {
  const times = conditions.flatMap((one) => (one.name === 'BEFORE_CREATED_AT' ? [one.at] : []))
  return Math.min(...times, Number.MAX_SAFE_INTEGER)
}

/** Nothing created up to this moment is wanted. */
function oldest(conditions: JobCondition[]): number {
  const times = conditions.flatMap((one) => (one.name === 'AFTER_CREATED_AT' ? [one.at] : []))
  return Math.max(...times, Number.MIN_SAFE_INTEGER)
}
