import { queueStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import type { JobPage, ListJobs, ListJobsFilter } from '../../objects/queue/queue-rpc.ts'
import type { ApiContext } from '../operation.ts'
import { batchOperation } from './batch-operation.ts'
import { pageToken } from './describe-named.ts'
import { jobSummary } from './job-detail.ts'
import type { InputOf } from './model/model-types.ts'
import { callQueue } from './queue-route.ts'

type Input = InputOf<'ListJobs'>
/** What the rules have made sure of. */
type Filter = { name: ListJobsFilter['name']; values: string[] }

export const listJobs = batchOperation('ListJobs', async (context, input) => {
  const page = await pageOf(context, input)
  if (!page.ok) return page
  return accepted({
    jobSummaryList: page.value.jobs.map((view) => jobSummary(context.deployment, view)),
    ...pageToken(page.value),
  })
})

/** Children or nodes of an id that names nothing are none, as everywhere unknown ids are no error. */
async function pageOf(context: ApiContext, input: Input): Promise<Outcome<JobPage>> {
  const { jobQueue, arrayJobId, multiNodeJobId } = input
  if (jobQueue !== undefined)
    return callQueue(context, jobQueue, (queue, name) =>
      queue.listJobs({ ...listQuery(context.deployment, input), queue: name }),
    )
  const job = parseJobId(arrayJobId ?? multiNodeJobId!, context.deployment.salt)
  if (!job) return accepted({ jobs: [] })
  const parent = arrayJobId === undefined ? { multiNodeJob: job } : { arrayJob: job }
  return queueStub(context.env, job.queue).listJobs({ ...listQuery(context.deployment, input), ...parent })
}

/** A page has at most 100 jobs where a filter is given, else 1,000. Filters do not apply to children. */
function listQuery(deployment: Deployment, input: Input): ListJobs {
  const filter = input.jobQueue === undefined ? undefined : (input.filters?.[0] as Filter | undefined)
  const most = filter ? limits.listJobsFilteredPage : limits.listJobsPage
  return {
    state: input.jobStatus ?? 'RUNNING',
    maxResults: Math.min(input.maxResults ?? most, most),
    ...(filter ? { filter: listFilter(deployment, filter) } : {}),
    ...(input.nextToken ? { nextToken: input.nextToken } : {}),
  }
}

/** A definition's ARN becomes `name:revision`, which no name is. */
function listFilter(deployment: Deployment, { name, values }: Filter): ListJobsFilter {
  switch (name) {
    case 'BEFORE_CREATED_AT':
    case 'AFTER_CREATED_AT':
      return { name, at: Number(values[0]) }
    case 'JOB_DEFINITION':
      return { name, values: values.map((text) => resourceName(deployment, 'job-definition', text) ?? text) }
    default:
      return { name, values }
  }
}
