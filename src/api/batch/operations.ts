import { type Operation, unimplemented } from '../operation.ts'
import { cancelJob } from './cancel-job.ts'
import { createComputeEnvironment } from './create-compute-environment.ts'
import { createJobQueue } from './create-job-queue.ts'
import { describeComputeEnvironments } from './describe-compute-environments.ts'
import { describeJobDefinitions } from './describe-job-definitions.ts'
import { describeJobQueues } from './describe-job-queues.ts'
import { describeJobs } from './describe-jobs.ts'
import { listJobs } from './list-jobs.ts'
import { registerJobDefinition } from './register-job-definition.ts'
import { submitJob } from './submit-job.ts'
import { terminateJob } from './terminate-job.ts'

const implemented = [
  cancelJob,
  createComputeEnvironment,
  createJobQueue,
  describeComputeEnvironments,
  describeJobDefinitions,
  describeJobQueues,
  describeJobs,
  listJobs,
  registerJobDefinition,
  submitJob,
  terminateJob,
]

/** The rest of API 2016-08-10, less the tag operations, which have a path of their own. */
const missing = `
  CancelJobs CreateConsumableResource CreateQuotaShare CreateSchedulingPolicy CreateServiceEnvironment
  DeleteComputeEnvironment DeleteConsumableResource DeleteJobQueue DeleteQuotaShare DeleteSchedulingPolicy
  DeleteServiceEnvironment DeregisterJobDefinition DescribeConsumableResource DescribeQuotaShare
  DescribeSchedulingPolicies DescribeServiceEnvironments DescribeServiceJob GetJobQueueSnapshot
  ListConsumableResources ListJobsByConsumableResource ListQuotaShares ListSchedulingPolicies ListServiceJobs
  SubmitServiceJob TerminateJobs TerminateServiceJob TerminateServiceJobs UpdateComputeEnvironment
  UpdateConsumableResource UpdateJobQueue UpdateQuotaShare UpdateSchedulingPolicy UpdateServiceEnvironment
  UpdateServiceJob`

/** By the last segment of their path, `POST /v1/{operation name in lower case}`. */
export const batchOperations: ReadonlyMap<string, Operation> = new Map(
  [...implemented, ...missing.trim().split(/\s+/).map(unimplemented)].map((one) => [
    one.name.toLowerCase(),
    one,
  ]),
)

/** By their method on `/v1/tags/{resourceArn}`. */
export const tagOperations: ReadonlyMap<string, Operation> = new Map([
  ['GET', unimplemented('ListTagsForResource')],
  ['POST', unimplemented('TagResource')],
  ['DELETE', unimplemented('UntagResource')],
])
