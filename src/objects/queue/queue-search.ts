import { isTerminal } from '../../core/model/job.ts'
import { type JobCondition, matchesAll } from '../../core/model/job-condition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import { viewJob } from './job-views.ts'
import { foreignToken, pageToken, tokenPlace } from './page-token.ts'
import type { JobPage, SearchJobs } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { clockSlackMs } from './queue-store.ts'

/** Jobs one page may look at: it may come back short, or empty, with a token to go on with. */
const scanLimit = 10_000
const rowsAtOnce = 500

/** One page of a search through all jobs of a queue that are there, array parents among them, newest first. */
export function searchJobs(
  state: QueueState,
  { maxResults, nextToken, ...asked }: SearchJobs,
  waitReason: (seq: number) => string | undefined,
): Outcome<JobPage> {
  const { conditions } = asked
  const from = nextToken ? tokenPlace(asked, nextToken) : state.jobs.seqBehind(newest(conditions))
  if (from === undefined) return foreignToken()
  const oldestAt = oldest(conditions)
  const found: Job[] = []
  let scanned = 0
  let last = from
  const page = (more: boolean): Outcome<JobPage> => {
    const jobs = found.map((job) => viewJob(state, job, waitReason(job.seq)))
    return accepted({ jobs, ...pageToken(asked, more ? last : undefined) })
  }
  for (;;) {
    const rows = state.jobs.jobsBelow(last, rowsAtOnce)
    for (const row of rows) {
      if (row.createdAt + clockSlackMs <= oldestAt) return page(false)
      last = row.seq
      if (isFound(state, row, conditions, waitReason)) found.push(state.withPlacement(row))
      if (found.length === maxResults) return page(true)
    }
    scanned += rows.length
    if (rows.length < rowsAtOnce) return page(false)
    if (scanned >= scanLimit) return page(true)
  }
}

function isFound(
  state: QueueState,
  row: Job,
  conditions: JobCondition[],
  waitReason: (seq: number) => string | undefined,
): boolean {
  const job = state.withPlacement(row)
  const waits = isTerminal(job.progress.state) ? undefined : waitReason(job.seq)
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
