import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import type { JobState } from '../../core/model/job.ts'
import type { JobCondition, JobTime } from '../../core/model/job-condition.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { pageToken } from './describe-named.ts'
import { jobSummary } from './job-detail.ts'
import type { InputOf } from './model/model-types.ts'
import { callQueue } from './queue-route.ts'

const defaultPage = 100

/**
 * Longshore's own: the jobs of a queue, ended ones as long as they are kept, of which all filters hold, newest first. Of one
 * filter's values one must match. A page may be short, or empty, and still have a token: it looks at so many jobs only.
 */
export const searchJobs = batchOperation('SearchJobs', async (context, input) => {
  const { deployment } = context
  const query = {
    conditions: (input.filters ?? []).map((filter) => conditionOf(deployment, filter)),
    maxResults: input.maxResults ?? defaultPage,
    ...(input.nextToken ? { nextToken: input.nextToken } : {}),
  }
  const page = await callQueue(context, input.jobQueue, (queue, name) =>
    queue.searchJobs({ ...query, queue: name }),
  )
  if (!page.ok) return page
  return accepted({
    jobs: page.value.jobs.map((view) => jobSummary(deployment, view)),
    ...pageToken(page.value),
  })
})

type Filter = NonNullable<InputOf<'SearchJobs'>['filters']>[number]

/** What the rules have made sure of is taken as it is. */
function conditionOf(deployment: Deployment, { name, values }: Filter): JobCondition {
  switch (name) {
    case 'STATUS':
      return { name, states: values as JobState[] }
    case 'TAG':
      return { name, tags: values.map(tagOf) }
    case 'EXIT_CODE':
      return { name, codes: values.map(Number) }
    case 'JOB_DEFINITION':
      return { name, values: values.map((text) => resourceName(deployment, 'job-definition', text) ?? text) }
    case 'JOB_NAME':
    case 'SHARE_IDENTIFIER':
    case 'STATUS_REASON':
      return { name, values }
    default:
      return { name: name satisfies JobTime, at: Number(values[0]) }
  }
}

/** `key=value`, or `key` for any value. */
function tagOf(text: string): { key: string; value?: string } {
  const at = text.indexOf('=')
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) }
}
