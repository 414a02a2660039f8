import { registryStub } from '../../bindings.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'
import { describeNamed, pageToken } from './describe-named.ts'
import { jobQueueDetail } from './job-queue-detail.ts'
import { describeJobQueuesInput } from './schemas/job-queue.ts'

export const describeJobQueues = operation({
  name: 'DescribeJobQueues',
  schema: describeJobQueuesInput,
  async handle({ env, deployment }, input) {
    const page = await describeNamed(deployment, 'job-queue', input.jobQueues, input, (names, query) =>
      registryStub(env).describeQueues(names, query),
    )
    if (!page.ok) return page
    return accepted({
      jobQueues: page.value.items.map((config) => jobQueueDetail(deployment, config)),
      ...pageToken(page.value),
    })
  },
})
