import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { callQueue } from './queue-route.ts'

/** What jobs use is counted in vCPUs, as AWS does for queues of ECS environments. */
const usage = (vcpus: number) => [{ capacityUnit: 'VCPU', quantity: vcpus }]

export const getJobQueueSnapshot = batchOperation('GetJobQueueSnapshot', async (context, { jobQueue }) => {
  const answer = await callQueue(context, jobQueue, (queue, name) => queue.snapshot(name))
  if (!answer.ok) return answer
  const { at, front, vcpus, shares } = answer.value
  return accepted({
    frontOfQueue: {
      jobs: front.map(({ jobId, earliestTimeAtPosition }) => ({
        jobArn: batchArn(context.deployment, `job/${jobId}`),
        earliestTimeAtPosition,
      })),
      lastUpdatedAt: at,
    },
    queueUtilization: {
      totalCapacityUsage: usage(vcpus),
      ...(shares
        ? {
            fairshareUtilization: {
              activeShareCount: shares.active,
              topCapacityUtilization: shares.top.map(({ share, vcpus }) => ({
                shareIdentifier: share,
                capacityUsage: usage(vcpus),
              })),
            },
          }
        : {}),
      lastUpdatedAt: at,
    },
  })
})
