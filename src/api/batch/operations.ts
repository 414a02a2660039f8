import { type Operation, unimplemented } from '../operation.ts'
import { cancelJob } from './cancel-job.ts'
import { createComputeEnvironment } from './create-compute-environment.ts'
import { createConsumableResource } from './create-consumable-resource.ts'
import { createJobQueue } from './create-job-queue.ts'
import { createSchedulingPolicy } from './create-scheduling-policy.ts'
import { deleteComputeEnvironment } from './delete-compute-environment.ts'
import { deleteConsumableResource } from './delete-consumable-resource.ts'
import { deleteJobQueue } from './delete-job-queue.ts'
import { deleteSchedulingPolicy } from './delete-scheduling-policy.ts'
import { deregisterJobDefinition } from './deregister-job-definition.ts'
import { describeComputeEnvironments } from './describe-compute-environments.ts'
import { describeConsumableResource } from './describe-consumable-resource.ts'
import { describeJobDefinitions } from './describe-job-definitions.ts'
import { describeJobQueues } from './describe-job-queues.ts'
import { describeJobs } from './describe-jobs.ts'
import { describeSchedulingPolicies } from './describe-scheduling-policies.ts'
import { explainJob } from './explain-job.ts'
import { getJobQueueSnapshot } from './get-job-queue-snapshot.ts'
import { listConsumableResources } from './list-consumable-resources.ts'
import { listJobQueueEvents } from './list-job-queue-events.ts'
import { listJobs } from './list-jobs.ts'
import { listJobsByConsumableResource } from './list-jobs-by-consumable-resource.ts'
import { listSchedulingPolicies } from './list-scheduling-policies.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { operationModel, operationNames } from './model/batch-model.ts'
import type { OperationModel } from './model/model-types.ts'
import { registerJobDefinition } from './register-job-definition.ts'
import { rerunJob } from './rerun-job.ts'
import { searchJobs } from './search-jobs.ts'
import { cancelJobs, terminateJobs } from './stop-jobs.ts'
import { submitJob } from './submit-job.ts'
import { submitJobs } from './submit-jobs.ts'
import { tagResource } from './tag-resource.ts'
import { terminateJob } from './terminate-job.ts'
import { untagResource } from './untag-resource.ts'
import { updateComputeEnvironment } from './update-compute-environment.ts'
import { updateConsumableResource } from './update-consumable-resource.ts'
import { updateJobQueue } from './update-job-queue.ts'
import { updateSchedulingPolicy } from './update-scheduling-policy.ts'
import { whatIf } from './what-if.ts'

/** The operations that are carried out; those of the model that are missing here are refused by name. */
const implemented: ReadonlyMap<string, Operation> = new Map(
  [
    cancelJob,
    cancelJobs,
    createComputeEnvironment,
    createConsumableResource,
    createJobQueue,
    createSchedulingPolicy,
    deleteComputeEnvironment,
    deleteConsumableResource,
    deleteJobQueue,
    deleteSchedulingPolicy,
    deregisterJobDefinition,
    describeComputeEnvironments,
    describeConsumableResource,
    describeJobDefinitions,
    describeJobQueues,
    describeJobs,
    describeSchedulingPolicies,
    explainJob,
    listConsumableResources,
    getJobQueueSnapshot,
    listJobQueueEvents,
    listJobs,
    listJobsByConsumableResource,
    listSchedulingPolicies,
    listTagsForResource,
    registerJobDefinition,
    rerunJob,
    searchJobs,
    submitJob,
    submitJobs,
    tagResource,
    terminateJob,
    terminateJobs,
    untagResource,
    updateComputeEnvironment,
    updateConsumableResource,
    updateJobQueue,
    updateSchedulingPolicy,
    whatIf,
  ].map((one) => [one.name, one]),
)

/** An operation with its place in HTTP, as the model has it. */
export type BatchRoute = { model: OperationModel; operation: Operation }

export const batchRoutes: readonly BatchRoute[] = operationNames.map((name) => ({
  model: operationModel(name),
  operation: implemented.get(name) ?? unimplemented(name),
}))
