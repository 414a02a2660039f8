import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { environmentOrder, refuseForeignPolicy } from './environment-order.ts'

export const createJobQueue = batchOperation('CreateJobQueue', async ({ env, deployment }, input) => {
  const order = environmentOrder(deployment, input.computeEnvironmentOrder ?? [])
  if (!order.ok) return order
  const { jobQueueName: name, priority, state = 'ENABLED' } = input
  const { jobQueueType, tags, schedulingPolicyArn, jobStateTimeLimitActions, schedulingSettings } = input
  const foreign = schedulingPolicyArn && refuseForeignPolicy(deployment, schedulingPolicyArn)
  if (foreign) return refused(foreign)
  const created = await registryStub(env).createQueue({
    name,
    state,
    priority,
    ...order.value,
    ...(jobQueueType ? { jobQueueType } : {}),
    ...(tags ? { tags } : {}),
    ...(schedulingPolicyArn ? { schedulingPolicyArn } : {}),
    ...(jobStateTimeLimitActions ? { jobStateTimeLimitActions } : {}),
    ...(schedulingSettings ? { schedulingSettings } : {}),
  })
  if (!created.ok) return created
  return accepted({ jobQueueName: name, jobQueueArn: batchArn(deployment, `job-queue/${name}`) })
})
