import { registryStub } from '../../bindings.ts'
import { batchArn, resourceName } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { environmentOrder, refuseForeignPolicy } from './environment-order.ts'

export const updateJobQueue = batchOperation('UpdateJobQueue', async ({ env, deployment }, input) => {
  const { jobQueue, computeEnvironmentOrder, serviceEnvironmentOrder, ...change } = input
  const name = resourceName(deployment, 'job-queue', jobQueue)
  if (name === undefined) return refused(`jobQueue: job queue ${jobQueue} does not exist`)
  const order = computeEnvironmentOrder && environmentOrder(deployment, computeEnvironmentOrder)
  if (order && !order.ok) return order
  const foreign = change.schedulingPolicyArn && refuseForeignPolicy(deployment, change.schedulingPolicyArn)
  if (foreign) return refused(foreign)
  const updated = await registryStub(env).updateQueue(name, { ...change, ...order?.value })
  if (!updated.ok) return updated
  return accepted({ jobQueueName: name, jobQueueArn: batchArn(deployment, `job-queue/${name}`) })
})
