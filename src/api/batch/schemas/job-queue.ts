import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { enabledOrDisabled, integer, nameOrArn, newName, notSupported, page, tags } from './fields.ts'

export const createJobQueueInput = z.object({
  jobQueueName: newName,
  state: enabledOrDisabled.exactOptional(),
  priority: integer(0),
  schedulingPolicyArn: notSupported('there are no scheduling policies').exactOptional(),
  computeEnvironmentOrder: z
    .array(z.object({ order: integer(0), computeEnvironment: nameOrArn }))
    .min(1)
    .max(limits.environmentsPerQueue)
    .refine((all) => new Set(all.map(({ order }) => order)).size === all.length, 'must not repeat an order'),
  serviceEnvironmentOrder: notSupported('there are no service environments').exactOptional(),
  jobQueueType: z
    .enum(['EKS', 'ECS', 'ECS_FARGATE', 'ECS_MANAGED_INSTANCES', 'SAGEMAKER_TRAINING'])
    .refine((type) => type === 'ECS', 'only ECS is supported yet')
    .exactOptional(),
  tags: tags.exactOptional(),
  jobStateTimeLimitActions: notSupported('job state time limits are not enforced').exactOptional(),
})

export const describeJobQueuesInput = z.object({
  jobQueues: z.array(z.string()).max(limits.describeResources).exactOptional(),
  ...page,
})
