import { registryStub } from '../../bindings.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

/** The name is free at once; the queue's jobs are ended behind the scenes and stay to be described by their ids. */
export const deleteJobQueue = batchOperation('DeleteJobQueue', async ({ env, deployment }, { jobQueue }) => {
  const name = resourceName(deployment, 'job-queue', jobQueue)
  if (name === undefined) return refused(`jobQueue: job queue ${jobQueue} does not exist`)
  return registryStub(env).deleteQueue(name)
})
