import { type Operation, unimplemented } from '../operation.ts'
import { cancelJob } from './cancel-job.ts'
import { createComputeEnvironment } from './create-compute-environment.ts'
import { createJobQueue } from './create-job-queue.ts'
import { describeComputeEnvironments } from './describe-compute-environments.ts'
import { describeJobDefinitions } from './describe-job-definitions.ts'
import { describeJobQueues } from './describe-job-queues.ts'
import { describeJobs } from './describe-jobs.ts'
import { listJobs } from './list-jobs.ts'
import { operationModel, operationNames } from './model/batch-model.ts'
import type { OperationModel } from './model/model-types.ts'
import { registerJobDefinition } from './register-job-definition.ts'
import { submitJob } from './submit-job.ts'
import { terminateJob } from './terminate-job.ts'

/** The operations that are carried out; those of the model that are missing here are refused by name. */
const implemented: ReadonlyMap<string, Operation> = new Map(
  [
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
  ].map((one) => [one.name, one]),
)

/** An operation with its place in HTTP, as the model has it. */
export type BatchRoute = { model: OperationModel; operation: Operation }

export const batchRoutes: readonly BatchRoute[] = operationNames.map((name) => ({
  model: operationModel(name),
  operation: implemented.get(name) ?? unimplemented(name),
}))
