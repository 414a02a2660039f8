import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import type { QueueConfig } from '../../core/model/queue.ts'

/** The API's JobQueueDetail. Changes are done when they are acknowledged, so that a queue is always VALID. */
export function jobQueueDetail(deployment: Deployment, config: QueueConfig): object {
  const { name, state, priority, environments, environmentOrders, tags } = config
  const { schedulingPolicyArn, jobQueueType, jobStateTimeLimitActions, schedulingSettings } = config
  return {
    jobQueueName: name,
    jobQueueArn: batchArn(deployment, `job-queue/${name}`),
    status: 'VALID',
    statusReason: 'JobQueue Healthy',
    state,
    priority,
    ...(schedulingPolicyArn === undefined ? {} : { schedulingPolicyArn }),
    ...(jobQueueType === undefined ? {} : { jobQueueType }),
    ...(jobStateTimeLimitActions === undefined ? {} : { jobStateTimeLimitActions }),
    ...(schedulingSettings === undefined ? {} : { schedulingSettings }),
    computeEnvironmentOrder: environments.map((environment, at) => ({
      order: environmentOrders?.[at] ?? at + 1,
      computeEnvironment: batchArn(deployment, `compute-environment/${environment.name}`),
    })),
    tags: tags ?? {},
  }
}
