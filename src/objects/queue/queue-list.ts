import { limits } from '../../core/limits.ts'
import type { JobView } from '../../core/model/job.ts'
import { matchesDefinition, matchesPattern, matchesPrefix } from '../../core/model/job-condition.ts'
import type { JobDefinition } from '../../core/model/job-definition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import { scanJobs, type Turn } from './job-scan.ts'
import { viewChild, viewJob, viewNode } from './job-views.ts'
import { foreignToken, pageToken, tokenPlace } from './page-token.ts'
import type { JobPage, ListJobs, ListJobsFilter } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { clockSlackMs } from './queue-store.ts'
import type { RowFilter } from './row-filter.ts'
import type { WaitReason } from './wait-text.ts'

/** Waiting jobs that are looked up one by one; more are found by going through the rows. */
const fewReady = 256
/** Jobs looked up in one turn, and in one page. */
const jobsPerTurn = 250
const jobsPerPage = 10_000

/** What a page is made with. */
export type PageMaking = { turn: Turn; waitReason: WaitReason }

/**
 * One page of ListJobs, newest job first (children by index). The token is where the page before stopped, a place that
 * no later change moves: paging neither repeats nor skips a job that is there throughout. What has to be gone through is,
 * a slice a turn, up to a bound at which the page comes back short.
 */
export async function listJobs(
  state: QueueState,
  query: ListJobs,
  making: PageMaking,
): Promise<Outcome<JobPage>> {
  const { maxResults: _, nextToken, ...asked } = query
  const from = nextToken ? tokenPlace(asked, nextToken) : undefined
  if (nextToken && from === undefined) return foreignToken()
  const { jobs, last } = await pageOf(state, query, from, making)
  return accepted({ jobs, ...pageToken(asked, last) })
}

type Page = { jobs: JobView[]; last?: number | undefined }

async function pageOf(
  state: QueueState,
  query: ListJobs,
  from: number | undefined,
  making: PageMaking,
): Promise<Page> {
  if (query.arrayJob) {
    const parent = state.loadJob(query.arrayJob.seq)
    return parent?.array ? listChildren(state, parent, query, from ?? 0, making) : { jobs: [] }
  }
  if (query.multiNodeJob) {
    const job = state.loadJob(query.multiNodeJob.seq)
    return job?.nodes ? listNodes(state, job, query, from ?? 0, making) : { jobs: [] }
  }
  const before = from ?? Number.MAX_SAFE_INTEGER
  return query.filter && query.filter.name !== 'SHARE_IDENTIFIER'
    ? filtered(state, query, query.filter, before, making)
    : inState(state, query, before, making)
}

async function inState(
  state: QueueState,
  query: ListJobs,
  before: number,
  making: PageMaking,
): Promise<Page> {
  switch (query.state) {
    case 'SUBMITTED':
      // A job is past it as soon as it is stored.
      return { jobs: [] }
    case 'STARTING':
      return ofSeqs(state, state.startingJobs(), query, before, making)
    case 'RUNNING':
      return ofSeqs(state, [...state.running], query, before, making)
    case 'RUNNABLE': {
      const ready = state.ready.seqs(fewReady)
      return ready ? ofSeqs(state, ready, query, before, making) : ofRows(state, query, before, making)
    }
    default:
      return ofRows(state, query, before, making)
  }
}

/** A page of what the rows in that state say. */
async function ofRows(
  state: QueueState,
  query: ListJobs,
  before: number,
  { turn, waitReason }: PageMaking,
): Promise<Page> {
  const jobs: JobView[] = []
  const last = await scanJobs(state, before, { states: [query.state] }, query.maxResults, turn, (job) => {
    if (isAsked(job, query)) jobs.push(viewJob(state, job, waitReason))
    return jobs.length === query.maxResults ? 'full' : 'more'
  })
  return { jobs, last }
}

/** A page where it is known which jobs to look at. */
async function ofSeqs(
  state: QueueState,
  seqs: number[],
  query: ListJobs,
  before: number,
  { turn, waitReason }: PageMaking,
): Promise<Page> {
  const jobs: JobView[] = []
  const inOrder = seqs.filter((seq) => seq < before).sort((a, b) => b - a)
  let last = before
  for (const [at, seq] of inOrder.entries()) {
    if (jobs.length === query.maxResults || at === jobsPerPage) return { jobs, last }
    if (at % jobsPerTurn === jobsPerTurn - 1) await turn()
    last = seq
    const job = state.loadJob(seq)
    if (job && isAsked(job, query)) jobs.push(viewJob(state, job, waitReason))
  }
  return { jobs }
}

function isAsked(job: Job, query: ListJobs): boolean {
  return job.progress.state === query.state && sharesMatch(job, query.filter)
}

async function filtered(
  state: QueueState,
  query: ListJobs,
  filter: ListJobsFilter,
  before: number,
  { turn, waitReason }: PageMaking,
): Promise<Page> {
  const jobs: JobView[] = []
  const maxResults = Math.min(query.maxResults, limits.listJobsFilteredPage)
  const start = filter.name === 'BEFORE_CREATED_AT' ? state.jobs.seqBehind(filter.at) : before
  const from = Math.min(before, start)
  const last = await scanJobs(state, from, rowFilter(state, filter), maxResults, turn, (job) => {
    if (filter.name === 'AFTER_CREATED_AT' && job.createdAt + clockSlackMs <= filter.at) return 'end'
    if (matches(state, job, filter)) jobs.push(viewJob(state, job, waitReason))
    return jobs.length === maxResults ? 'full' : 'more'
  })
  return { jobs, last }
}

function rowFilter(state: QueueState, filter: ListJobsFilter): RowFilter {
  if (filter.name !== 'JOB_DEFINITION') return {}
  const isMeant = (definition: JobDefinition) =>
    filter.values.some((value) => matchesDefinition(definition, value))
  return { definitions: state.jobs.definitionNumbersOf(isMeant) }
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

async function listChildren(
  state: QueueState,
  parent: Job,
  query: ListJobs,
  from: number,
  { turn, waitReason }: PageMaking,
): Promise<Page> {
  const jobs: JobView[] = []
  let { children } = state.mirror(parent)
  const size = parent.array!.size
  for (
    let index = children.next(query.state, from);
    index < size;
    index = children.next(query.state, index + 1)
  ) {
    if (jobs.length === query.maxResults) return { jobs, last: index }
    jobs.push(viewChild(state, parent, index, waitReason))
    if (jobs.length % jobsPerTurn > 0) continue
    await turn()
    const latest = state.loadJob(parent.seq)
    if (!latest) break
    parent = latest
    children = state.mirror(latest).children
  }
  return { jobs }
}

async function listNodes(
  state: QueueState,
  job: Job,
  query: ListJobs,
  from: number,
  { waitReason }: PageMaking,
): Promise<Page> {
  const jobs: JobView[] = []
  for (let node = from; node < job.nodes!.count; node++) {
    if (state.nodeProgress(job, node).state !== query.state) continue
    if (jobs.length === query.maxResults) return { jobs, last: node }
    jobs.push(viewNode(state, job, node, waitReason))
  }
  return { jobs }
}
