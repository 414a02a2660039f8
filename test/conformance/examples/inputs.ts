import type { OperationName } from '../../../src/api/batch/model/model-types.ts'
import { definitions, environments, policies, queues, resources } from './catalogue.ts'
import { jobs } from './jobs.ts'
import { environmentUpdates, queueUpdates, resourceUpdates } from './updates.ts'

const arn = (resource: string) => `arn:aws:batch:us-east-1:000000000000:${resource}`
const nothing = '00000000-0000-8000-8000-000000000000'
const page = { maxResults: 10, nextToken: '' }
const stop = { jobId: nothing, reason: 'not wanted' }
const stops = { jobs: [nothing], reason: 'not wanted' }
const filters = [{ name: 'JOB_NAME', values: ['a*'] }]

const ownJob = {
  jobName: 'own',
  jobQueue: 'none',
  jobDefinition: 'none',
  clientToken: 'once',
  shareIdentifier: 'physics/bob',
  placementConstraints: { gpuModels: ['Tesla T4'], labels: { rack: '7' } },
  arrayProperties: { size: 100, indexes: '1-3,7', maxConcurrency: 2 },
  dependsOn: [{ jobId: nothing, type: 'AFTER_FAILURE' }],
}

const ownDefinition = {
  ...definitions[0],
  placementConstraints: { gpuModels: ['Tesla T4', 'NVIDIA A10G'], labels: { rack: '7' } },
}
const ownQueue = {
  ...queues('')[0],
  schedulingSettings: {
    blockedHead: 'STRICT',
    limits: { runningJobs: 100, vcpus: 64, gpus: 8 },
    preemption: ['LOWER_QUEUES'],
  },
}
const ownPolicy = {
  name: 'own',
  fairsharePolicy: {
    usage: 'DOMINANT',
    shareDistribution: [
      { shareIdentifier: 'physics/b*', weightFactor: 0.5, limits: { runningJobs: 10, vcpus: 8, gpus: 1 } },
    ],
  },
}

/** Good inputs of every operation, to be made bad in one place. */
export const exampleInputs: Partial<Record<OperationName, readonly object[]>> = {
  CancelJob: [stop],
  CancelJobs: [stops],
  CreateComputeEnvironment: environments,
  CreateConsumableResource: resources,
  CreateJobQueue: [...queues(arn('scheduling-policy/full')), ownQueue],
  CreateSchedulingPolicy: [...policies, ownPolicy],
  DeleteComputeEnvironment: [{ computeEnvironment: 'none' }],
  DeleteConsumableResource: [{ consumableResource: 'none' }],
  DeleteJobQueue: [{ jobQueue: 'none' }],
  DeleteSchedulingPolicy: [{ arn: arn('scheduling-policy/none') }],
  DeregisterJobDefinition: [{ jobDefinition: 'none:1' }],
  DescribeComputeEnvironments: [{ computeEnvironments: ['none'], ...page }],
  DescribeConsumableResource: [{ consumableResource: 'none' }],
  DescribeJobDefinitions: [
    { jobDefinitions: ['none:1'] },
    { jobDefinitionName: 'none', status: 'ACTIVE', ...page },
  ],
  DescribeJobQueues: [{ jobQueues: ['none'], ...page }],
  DescribeJobs: [{ jobs: [nothing] }],
  DescribeSchedulingPolicies: [{ arns: [arn('scheduling-policy/none')] }],
  ExplainJob: [{ jobId: nothing }],
  GetJobQueueSnapshot: [{ jobQueue: 'none' }],
  ListConsumableResources: [{ filters: [{ name: 'CONSUMABLE_RESOURCE_NAME', values: ['a*'] }], ...page }],
  ListJobQueueEvents: [{ jobQueue: 'none', ...page }],
  ListJobs: [
    { jobQueue: 'none', jobStatus: 'RUNNING', filters, ...page },
    { arrayJobId: nothing },
    { multiNodeJobId: nothing },
  ],
  ListJobsByConsumableResource: [{ consumableResource: 'none', filters, ...page }],
  ListSchedulingPolicies: [page],
  ListTagsForResource: [{ resourceArn: arn('job-queue/none') }],
  RegisterJobDefinition: [...definitions, ownDefinition],
  RerunJob: [{ jobId: nothing, jobName: 'again', clientToken: 'once' }],
  SearchJobs: [{ jobQueue: 'none', filters: [{ name: 'STATUS', values: ['FAILED'] }], ...page }],
  SubmitJob: [...jobs(nothing), ownJob],
  SubmitJobs: [{ jobQueue: 'none', jobs: [{ ...ownJob, dependsOn: [] }, ownJob], clientToken: 'once' }],
  TagResource: [{ resourceArn: arn('job-queue/none'), tags: { team: 'a' } }],
  TerminateJob: [stop],
  TerminateJobs: [stops],
  UntagResource: [{ resourceArn: arn('job-queue/none'), tagKeys: ['team'] }],
  UpdateComputeEnvironment: environmentUpdates,
  UpdateConsumableResource: resourceUpdates,
  UpdateJobQueue: [
    ...queueUpdates(arn('scheduling-policy/bare')),
    { jobQueue: 'none', schedulingSettings: ownQueue.schedulingSettings },
  ],
  WhatIf: [
    { jobQueue: 'none', job: ownJob, runSeconds: 60, assumedRunSeconds: 600 },
    { jobQueue: 'none', jobId: nothing },
    {
      jobQueue: 'none',
      changes: {
        priority: 5,
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'none' }],
        schedulingSettings: { blockedHead: 'STRICT', limits: { runningJobs: 4, vcpus: 8, gpus: 1 } },
        fairsharePolicy: ownPolicy.fairsharePolicy,
        computeEnvironments: [
          {
            computeEnvironment: 'none',
            state: 'ENABLED',
            addHosts: [
              {
                count: 2,
                vcpus: 4,
                memory: 8192,
                gpus: 1,
                gpuModel: 'T4',
                cpuArchitecture: 'ARM64',
                diskGiB: 100,
                labels: { rack: '7' },
              },
            ],
            removeHosts: ['i-0123456789abcdef0'],
          },
        ],
      },
    },
  ],
  UpdateSchedulingPolicy: [
    { arn: arn('scheduling-policy/none'), fairsharePolicy: { shareDecaySeconds: 60 } },
    { arn: arn('scheduling-policy/none'), fairsharePolicy: ownPolicy.fairsharePolicy },
  ],
}
