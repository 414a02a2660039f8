import { limits } from '../../core/limits.ts'
import type { JobState, JobView } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { viewChild, viewJob, viewNode } from './job-views.ts'
import type { JobPage, ListJobs, ListJobsFilter } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

/** Rows one page may look at: a page may come back short, with a token, rather than hold the object up. */
const scanLimit = 10_000

/**
 * One page of ListJobs, newest job first (children by index). The token is where the page before stopped, a place that
 * no later change moves: paging neither repeats nor skips a job.
 */
export function listJobs(
  state: QueueState,
  query: ListJobs,
  waitReason: (seq: number) => string | undefined,
): Outcome<JobPage> {
  const from = query.nextToken ? decodeToken(query.nextToken) : undefined
  if (query.nextToken && from === undefined) return refused('nextToken: not a token of this operation')
  if (query.arrayJob) {
    const parent = state.loadJob(query.arrayJob.seq)
    if (!parent?.array) return accepted({ jobs: [] })
    return accepted(listChildren(state, parent, query, from ?? 0, waitReason))
  }
  if (query.multiNodeJob) {
    const job = state.loadJob(query.multiNodeJob.seq)
    return accepted(job?.nodes ? listNodes(state, job, query, from ?? 0, waitReason) : { jobs: [] })
  }
  const before = from ?? Number.MAX_SAFE_INTEGER
  const page =
    query.filter && query.filter.name !== 'SHARE_IDENTIFIER'
      ? filtered(state, query, query.filter, before)
      : inState(state, query, before)
  const jobs = page.jobs.map((job) => viewJob(state, job, waitReason(job.seq)))
  return accepted({ jobs, ...tokenOf(page.last) })
}

type Page = { jobs: Job[]; last?: number }

function inState(state: QueueState, query: ListJobs, before: number): Page {
  if (query.state === 'RUNNING') return fromMemory(state, [...state.running], query, before)
  if (query.state === 'STARTING') return fromMemory(state, state.startingJobs(), query, before)
  const { jobs, last } = state.jobs.jobsInState(query.state, before, scanLimit, query.maxResults)
  const shown = jobs
    .map((job) => state.withPlacement(job))
    .filter((job) => job.progress.state === query.state && sharesMatch(job, query.filter))
  return { jobs: shown, ...(last === undefined ? {} : { last }) }
}

function fromMemory(state: QueueState, seqs: number[], query: ListJobs, before: number): Page {
  const jobs: Job[] = []
  for (const seq of seqs.sort((a, b) => b - a)) {
    if (seq >= before) continue
    const job = state.loadJob(seq)
    if (job?.progress.state !== query.state || !sharesMatch(job, query.filter)) continue
    if (jobs.length === query.maxResults) return { jobs, last: jobs.at(-1)!.seq }
    jobs.push(job)
  }
  return { jobs }
}

function filtered(state: QueueState, query: ListJobs, filter: ListJobsFilter, before: number): Page {
  const jobs: Job[] = []
  let scanned = 0
  let last = before
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
      return filter.values.some((value) =>
        matchesPrefix(job.request.jobName.toLowerCase(), value.toLowerCase()),
      )
    case 'JOB_DEFINITION': {
      const { name, revision } = state.jobs.definition(job.definition)
      // A value with a revision names exactly that one, otherwise every revision of the name is meant.
      return filter.values.some((value) => value === `${name}:${revision}` || matchesPrefix(name, value))
    }
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

function matchesPrefix(text: string, pattern: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

function listChildren(
  state: QueueState,
  parent: Job,
  query: ListJobs,
  from: number,
  waitReason: (seq: number) => string | undefined,
): JobPage {
  const jobs: JobView[] = []
  const stateOf = childStates(state, parent)
  for (let index = from; index < parent.array!.size; index++) {
    if (stateOf(index) !== query.state) continue
    if (jobs.length === query.maxResults) return { jobs, ...tokenOf(index) }
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
): JobPage {
  const jobs: JobView[] = []
  for (let node = from; node < job.nodes!.count; node++) {
    if (state.nodeProgress(job, node).state !== query.state) continue
    if (jobs.length === query.maxResults) return { jobs, ...tokenOf(node) }
    jobs.push(viewNode(state, job, node, waitReason(job.seq)))
  }
  return { jobs }
}

function childStates(state: QueueState, parent: Job): (index: number) => JobState {
  const { children } = state.mirror(parent)
  return (index) => children.state(index)
}

function tokenOf(at: number | undefined): { nextToken?: string } {
  return at === undefined ? {} : { nextToken: btoa(`jobs:${at}`) }
}

function decodeToken(token: string): number | undefined {
  try {
    const match = /^jobs:(\d{1,16})$/.exec(atob(token))
    return match ? Number(match[1]) : undefined
  } catch {
    return undefined
  }
}
