import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import type { QueueConfig } from '../../core/model/queue.ts'

/** The API's JobQueueDetail. Changes are done when they are acknowledged, so that a queue is always VALID. */
export function jobQueueDetail(deployment: Deployment, config: QueueConfig): object {
  const { name, number, uuid, createdAt, environments, environmentOrders, tags, ...body } = config
  return {
    jobQueueName: name,
    jobQueueArn: batchArn(deployment, `job-queue/${name}`),
    status: 'VALID',
    statusReason: 'JobQueue Healthy',
    ...body,
    computeEnvironmentOrder: environments.map((environment, at) => ({
      order: environmentOrders?.[at] ?? at + 1,
      computeEnvironment: batchArn(deployment, `compute-environment/${environment.name}`),
    })),
    tags: tags ?? {},
  }
}
