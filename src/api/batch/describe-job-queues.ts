import { registryStub } from '../../bindings.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { describeNamed, pageToken } from './describe-named.ts'
import { jobQueueDetail } from './job-queue-detail.ts'

export const describeJobQueues = batchOperation('DescribeJobQueues', async ({ env, deployment }, input) => {
  const page = await describeNamed(deployment, 'job-queue', input.jobQueues, input, (names, query) =>
    registryStub(env).describeQueues(names, query),
  )
  if (!page.ok) return page
  return accepted({
    jobQueues: page.value.items.map((config) => jobQueueDetail(deployment, config)),
    ...pageToken(page.value),
  })
})
