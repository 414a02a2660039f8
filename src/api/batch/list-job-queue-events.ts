import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import type { BlockedEvent } from '../../objects/queue/queue-rpc.ts'
import { batchOperation } from './batch-operation.ts'
import { jobDetail } from './job-detail.ts'
import { callQueue } from './queue-route.ts'

const eventsAPage = 100

/** Longshore's own: the latest times a queue was blocked, newest first, in the form of EventBridge's events. */
export const listJobQueueEvents = batchOperation('ListJobQueueEvents', async (context, input) => {
  const { jobQueue, nextToken, maxResults } = input
  const before = nextToken ? Number(/^blocked:(\d{1,15})$/.exec(nextToken)?.[1]) : undefined
  if (Number.isNaN(before)) return refused('nextToken: not a token of this operation')
  const most = maxResults ?? eventsAPage
  const page = { maxResults: most, ...(before === undefined ? {} : { before }) }
  const answer = await callQueue(context, jobQueue, (queue, name) =>
    queue.blockedEvents({ queue: name, ...page }),
  )
  if (!answer.ok) return answer
  const last = answer.value.length === most ? answer.value.at(-1) : undefined
  return accepted({
    events: answer.value.map((event) => queueBlocked(context.deployment, event)),
    ...(last ? { nextToken: `blocked:${last.id}` } : {}),
  })
})

/** `Batch Job Queue Blocked` (AWS Batch user guide, "Job queue blocked events"). */
function queueBlocked(deployment: Deployment, { id, at, job }: BlockedEvent): object {
  const arns = [`job/${job.jobId}`, `job-queue/${job.queue}`].map((name) => batchArn(deployment, name))
  return {
    version: '0',
    id: `${job.queue}-${id}`,
    'detail-type': 'Batch Job Queue Blocked',
    source: 'aws.batch',
    account: deployment.accountId,
    time: new Date(at).toISOString(),
    region: deployment.region,
    resources: arns,
    detail: jobDetail(deployment, job),
  }
}
