import type * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, maxResults, nameOrArn, newName, nextToken, tags, unsupported } from './fields.ts'
import type { Rules } from './rule.ts'

export const jobQueueRules: Rules = {
  'CreateJobQueueRequest.jobQueueName': () => newName,
  'CreateJobQueueRequest.priority': () => integer(0),
  'CreateJobQueueRequest.schedulingPolicyArn': () => unsupported('there are no scheduling policies'),
  'CreateJobQueueRequest.computeEnvironmentOrder': environmentOrder,
  'CreateJobQueueRequest.serviceEnvironmentOrder': () => unsupported('there are no service environments'),
  'CreateJobQueueRequest.jobQueueType': (type: z.ZodType<string>) =>
    type.refine((value) => value === 'ECS', 'only ECS is supported yet'),
  'CreateJobQueueRequest.jobStateTimeLimitActions': () =>
    unsupported('job state time limits are not enforced'),
  'CreateJobQueueRequest.tags': () => tags,
  CreateJobQueueRequest: (request: z.ZodObject) => request.required({ computeEnvironmentOrder: true }),
  'ComputeEnvironmentOrder.order': () => integer(0),
  'ComputeEnvironmentOrder.computeEnvironment': () => nameOrArn,
  'DescribeJobQueuesRequest.jobQueues': (list: z.ZodArray) => list.max(limits.describeResources),
  'DescribeJobQueuesRequest.maxResults': maxResults,
  'DescribeJobQueuesRequest.nextToken': nextToken,
}

function environmentOrder(list: z.ZodArray<z.ZodType<{ order: number }>>): z.ZodType {
  return list
    .min(1)
    .max(limits.environmentsPerQueue)
    .refine((all) => new Set(all.map(({ order }) => order)).size === all.length, 'must not repeat an order')
}
