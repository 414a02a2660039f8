import type * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, maxResults, nameOrArn, newName, nextToken, tags, unsupported } from './fields.ts'
import type { Rules } from './rule.ts'

const noServiceEnvironments = () => unsupported('there are no service environments')
const policyArn = (arn: z.ZodString) => arn.max(512)

export const jobQueueRules: Rules = {
  'CreateJobQueueRequest.jobQueueName': () => newName,
  'CreateJobQueueRequest.priority': () => integer(0),
  'CreateJobQueueRequest.schedulingPolicyArn': policyArn,
  'CreateJobQueueRequest.computeEnvironmentOrder': environmentOrder,
  'CreateJobQueueRequest.serviceEnvironmentOrder': noServiceEnvironments,
  'CreateJobQueueRequest.jobQueueType': (type: z.ZodType<string>) =>
    type.refine((value) => value !== 'SAGEMAKER_TRAINING', 'there are no service environments'),
  'CreateJobQueueRequest.tags': () => tags,
  CreateJobQueueRequest: (request: z.ZodObject) => request.required({ computeEnvironmentOrder: true }),
  'UpdateJobQueueRequest.jobQueue': () => nameOrArn,
  'UpdateJobQueueRequest.priority': () => integer(0),
  'UpdateJobQueueRequest.schedulingPolicyArn': policyArn,
  'UpdateJobQueueRequest.computeEnvironmentOrder': environmentOrder,
  'UpdateJobQueueRequest.serviceEnvironmentOrder': noServiceEnvironments,
  'DeleteJobQueueRequest.jobQueue': () => nameOrArn,
  'GetJobQueueSnapshotRequest.jobQueue': () => nameOrArn,
  'ListJobQueueEventsRequest.jobQueue': () => nameOrArn,
  'ListJobQueueEventsRequest.maxResults': maxResults,
  'ListJobQueueEventsRequest.nextToken': nextToken,
  'SchedulingSettings.preemption': (list: z.ZodArray) =>
    list.refine((all) => new Set(all).size === all.length, 'must not repeat an entry'),
  'SchedulingLimits.runningJobs': () => integer(1),
  'SchedulingLimits.vcpus': () => integer(1),
  'SchedulingLimits.gpus': () => integer(1),
  'ComputeEnvironmentOrder.order': () => integer(0),
  'ComputeEnvironmentOrder.computeEnvironment': () => nameOrArn,
  'DescribeJobQueuesRequest.jobQueues': (list: z.ZodArray) => list.max(limits.describeResources),
  'DescribeJobQueuesRequest.maxResults': maxResults,
  'DescribeJobQueuesRequest.nextToken': nextToken,
  'JobStateTimeLimitAction.reason': (reason: z.ZodString) => reason.min(1).max(limits.reasonLength),
  'JobStateTimeLimitAction.maxTimeSeconds': () => integer(600, 86_400),
  'JobStateTimeLimitAction.action': (action: z.ZodType<string>) =>
    action.refine((value) => value === 'CANCEL', 'must be CANCEL for a job queue of compute environments'),
}

export function environmentOrder(list: z.ZodArray<z.ZodType<{ order: number }>>): z.ZodType {
  return list
    .min(1)
    .max(limits.environmentsPerQueue)
    .refine((all) => new Set(all.map(({ order }) => order)).size === all.length, 'must not repeat an order')
}
