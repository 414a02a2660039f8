import { limits } from '../../core/limits.ts'
import type { JobState, JobView } from '../../core/model/job.ts'
import { matchesDefinition, matchesPattern, matchesPrefix } from '../../core/model/job-condition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import { viewChild, viewJob, viewNode } from './job-views.ts'
import { foreignToken, pageToken, tokenPlace } from './page-token.ts'
import type { JobPage, ListJobs, ListJobsFilter } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

/** Jobs one page may look at: it may come back short, with a token, rather than hold the object up. */
const scanLimit = 10_000
/** The same where only their states are looked at. */
const stateScanLimit = 50_000

/**
 * One page of ListJobs, newest job first (children by index). The token is where the page before stopped, a place that
 * no later change moves: paging neither repeats nor skips a job that is there throughout.
 */
export function listJobs(
  state: QueueState,
  query: ListJobs,
  waitReason: (seq: number) => string | undefined,
): Outcome<JobPage> {
  const { maxResults: _, nextToken, ...asked } = query
  const from = nextToken ? tokenPlace(asked, nextToken) : undefined
  if (nextToken && from === undefined) return foreignToken()
  if (query.arrayJob) {
    const parent = state.loadJob(query.arrayJob.seq)
    if (!parent?.array) return accepted({ jobs: [] })
    const { jobs, last } = listChildren(state, parent, query, from ?? 0, waitReason)
    return accepted({ jobs, ...pageToken(asked, last) })
  }
  if (query.multiNodeJob) {
    const job = state.loadJob(query.multiNodeJob.seq)
    if (!job?.nodes) return accepted({ jobs: [] })
    const { jobs, last } = listNodes(state, job, query, from ?? 0, waitReason)
    return accepted({ jobs, ...pageToken(asked, last) })
  }
  const before = from ?? Number.MAX_SAFE_INTEGER
  const page =
    query.filter && query.filter.name !== 'SHARE_IDENTIFIER'
      ? filtered(state, query, query.filter, before)
      : inState(state, query, before)
  const jobs = page.jobs.map((job) => viewJob(state, job, waitReason(job.seq)))
  return accepted({ jobs, ...pageToken(asked, page.last) })
}

type Page = { jobs: Job[]; last?: number }

function inState(state: QueueState, query: ListJobs, before: number): Page {
  switch (query.state) {
    case 'SUBMITTED':
      // A job is past it as soon as it is stored.
      return { jobs: [] }
    case 'STARTING':
      return ofSeqs(state, state.startingJobs(), query, before)
    case 'RUNNING':
      return ofSeqs(state, [...state.running], query, before)
    case 'RUNNABLE': {
      const ready = state.jobs.readySeqs(scanLimit)
      return ready ? ofSeqs(state, ready, query, before) : ofStored(state, query, before)
    }
    case 'PENDING':
      return ofSeqs(state, state.jobs.pendingSeqs(before, scanLimit + 1), query, before)
    default:
      return ofStored(state, query, before)
  }
}

/** A page by what the rows say, of which each page looks at a bounded number. */
function ofStored(state: QueueState, query: ListJobs, before: number): Page {
  const { jobs, last } = state.jobs.jobsInState(query.state, before, stateScanLimit, query.maxResults)
  const shown = jobs.map((job) => state.withPlacement(job)).filter((job) => isAsked(job, query))
  return { jobs: shown, ...(last === undefined ? {} : { last }) }
}

/** A page where it is known which jobs to look at. */
function ofSeqs(state: QueueState, seqs: number[], query: ListJobs, before: number): Page {
  const jobs: Job[] = []
  let last = before
  for (const [at, seq] of seqs
    .filter((seq) => seq < before)
    .sort((a, b) => b - a)
    .entries()) {
    if (jobs.length === query.maxResults || at === scanLimit) return { jobs, last }
    last = seq
    const job = state.loadJob(seq)
    if (job && isAsked(job, query)) jobs.push(job)
  }
  return { jobs }
}

function isAsked(job: Job, query: ListJobs): boolean {
  return job.progress.state === query.state && sharesMatch(job, query.filter)
}

function filtered(state: QueueState, query: ListJobs, filter: ListJobsFilter, before: number): Page {
  const jobs: Job[] = []
  let scanned = 0
  let last = before
  if (filter.name === 'BEFORE_CREATED_AT') last = Math.min(before, state.jobs.seqBehind(filter.at))
  const maxResults = Math.min(query.maxResults, limits.listJobsFilteredPage)
  for (;;) {
    const rows = state.jobs.jobsBelow(last, 500)
    for (const row of rows) {
      last = row.seq
      const job = state.withPlacement(row)
      if (matches(state, job, filter)) jobs.push(job)
      if (jobs.length === maxResults) return { jobs, last }
    }
    scanned += rows.length
    if (rows.length < 500) return { jobs }
    if (scanned >= scanLimit) return { jobs, last }
  }
}

function matches(state: QueueState, job: Job, filter: ListJobsFilter): boolean {
  switch (filter.name) {
    case 'JOB_NAME':
      return filter.values.some((value) => matchesPattern(job.request.jobName, value))
    case 'JOB_DEFINITION':
      return filter.values.some((value) => matchesDefinition(state.jobs.definition(job.definition), value))
    case 'BEFORE_CREATED_AT':
      return job.createdAt < filter.at
    case 'AFTER_CREATED_AT':
      return job.createdAt > filter.at
    case 'SHARE_IDENTIFIER':
      return sharesMatch(job, filter)
  }
}

function sharesMatch(job: Job, filter: ListJobsFilter | undefined): boolean {
  if (filter?.name !== 'SHARE_IDENTIFIER') return true
  return filter.values.some((value) => matchesPrefix(job.request.shareIdentifier ?? '', value))
}

type PartsPage = { jobs: JobView[]; last?: number }

function listChildren(
  state: QueueState,
  parent: Job,
  query: ListJobs,
  from: number,
  waitReason: (seq: number) => string | undefined,
): PartsPage {
  const jobs: JobView[] = []
  const stateOf = childStates(state, parent)
  for (let index = from; index < parent.array!.size; index++) {
    if (stateOf(index) !== query.state) continue
    if (jobs.length === query.maxResults) return { jobs, last: index }
    jobs.push(viewChild(state, parent, index, waitReason(parent.seq)))
  }
  return { jobs }
}

function listNodes(
  state: QueueState,
  job: Job,
  query: ListJobs,
  from: number,
  waitReason: (seq: number) => string | undefined,
): PartsPage {
  const jobs: JobView[] = []
  for (let node = from; node < job.nodes!.count; node++) {
    if (state.nodeProgress(job, node).state !== query.state) continue
    if (jobs.length === query.maxResults) return { jobs, last: node }
    jobs.push(viewNode(state, job, node, waitReason(job.seq)))
  }
  return { jobs }
}

function childStates(state: QueueState, parent: Job): (index: number) => JobState {
  const { children } = state.mirror(parent)
  return (index) => children.state(index)
}
