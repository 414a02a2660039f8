import { registryStub } from '../../bindings.ts'
import { batchArn, resourceName } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const createJobQueue = batchOperation('CreateJobQueue', async ({ env, deployment }, input) => {
  const environments: string[] = []
  const inOrder = (input.computeEnvironmentOrder ?? []).toSorted((a, b) => a.order - b.order)
  for (const { computeEnvironment } of inOrder) {
    const environment = resourceName(deployment, 'compute-environment', computeEnvironment)
    if (environment === undefined)
      return refused(`computeEnvironmentOrder: compute environment ${computeEnvironment} does not exist`)
    if (environments.includes(environment))
      return refused(`computeEnvironmentOrder: compute environment ${computeEnvironment} is named twice`)
    environments.push(environment)
  }
  const { jobQueueName: name, priority, state = 'ENABLED', jobQueueType, tags } = input
  const created = await registryStub(env).createQueue({
    name,
    state,
    priority,
    environments,
    environmentOrders: inOrder.map(({ order }) => order),
    ...(jobQueueType ? { jobQueueType } : {}),
    ...(tags ? { tags } : {}),
  })
  if (!created.ok) return created
  return accepted({ jobQueueName: name, jobQueueArn: batchArn(deployment, `job-queue/${name}`) })
})
