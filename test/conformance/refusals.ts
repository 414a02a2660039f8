import type { OperationName } from '../../src/api/batch/model/model-types.ts'
import { deprecatedContainer, fargateContainer } from './examples/containers.ts'

/** An input that AWS documents to be refused, on what the suite has made by then, and what the refusal says. */
export type Refusal = [operation: OperationName, what: string, input: object, says: string]

const arn = (resource: string) => `arn:aws:batch:us-east-1:000000000000:${resource}`
const job = { jobName: 'refused', jobQueue: 'hosts', jobDefinition: 'deprecated' }
const definition = {
  jobDefinitionName: 'refused',
  type: 'container',
  containerProperties: deprecatedContainer,
}
const fargate = { jobDefinitionName: 'refused', type: 'container', platformCapabilities: ['FARGATE'] }
const queue = { jobQueueName: 'refused', priority: 1 }
const onHosts = [{ order: 1, computeEnvironment: 'hosts' }]
const environment = { computeEnvironmentName: 'refused', type: 'MANAGED' }
const fargateSidecar = [
  { type: 'VCPU', value: '0.25' },
  { type: 'MEMORY', value: '512' },
]
const fargateResources = { type: 'FARGATE', maxvCpus: 4, subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
const policy = { name: 'refused' }
const manyTags = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`key${at}`, '']))
const names = (count: number) => Array.from({ length: count }, (_, at) => `name${at}`)

const jobRefusals: Refusal[] = [
  ['SubmitJob', 'a name of bad form', { ...job, jobName: '-a' }, 'Job name should match valid pattern'],
  ['SubmitJob', 'an unknown queue', { ...job, jobQueue: 'none' }, 'does not exist'],
  ['SubmitJob', 'an unknown definition', { ...job, jobDefinition: 'none' }, 'does not exist'],
  ['SubmitJob', 'a deregistered definition', { ...job, jobDefinition: 'fargate:1' }, 'not ACTIVE'],
  ['SubmitJob', 'a DISABLED queue', { ...job, jobQueue: 'disabled' }, 'DISABLED'],
  ['SubmitJob', 'a share without a policy', { ...job, shareIdentifier: 'a' }, 'shareIdentifier'],
  ['SubmitJob', 'no share with a policy', { ...job, jobQueue: 'fair' }, 'shareIdentifier'],
  [
    'SubmitJob',
    'a definition of another platform',
    { ...job, jobDefinition: 'fargate:2' },
    'Job Queue is attached to Compute Environment that can not run Jobs with capability FARGATE.',
  ],
  [
    'SubmitJob',
    'a size that Fargate does not have',
    {
      ...job,
      jobQueue: 'fargate',
      jobDefinition: 'fargate:2',
      containerOverrides: { resourceRequirements: [{ type: 'MEMORY', value: '4000' }] },
    },
    'Fargate resource requirements (0.50 vCPU, 4000 MiB) not valid',
  ],
  [
    'SubmitJob',
    'rules without attempts',
    { ...job, retryStrategy: { evaluateOnExit: [{ action: 'EXIT', onReason: '*' }] } },
    'RetryAttempts must be provided with retry strategy',
  ],
  [
    'SubmitJob',
    'a parameter that nobody gives',
    { ...job, containerOverrides: { command: ['Ref::nobody'] } },
    'Unable to substitute value. No parameter found for reference nobody',
  ],
  ['SubmitJob', 'an array of one', { ...job, arrayProperties: { size: 1 } }, 'arrayProperties.size'],
  ['SubmitJob', '11 attempts', { ...job, retryStrategy: { attempts: 11 } }, 'retryStrategy.attempts'],
  ['SubmitJob', 'a timeout of 59 s', { ...job, timeout: { attemptDurationSeconds: 59 } }, 'timeout'],
  ['SubmitJob', '51 tags', { ...job, tags: manyTags }, 'tags'],
  ['SubmitJob', 'an unknown dependency', { ...job, dependsOn: [{ jobId: 'none' }] }, 'does not exist'],
  ['DescribeJobs', '101 ids', { jobs: names(101) }, 'Maximum number of jobs supported is  100'],
  ['CancelJobs', '51 ids', { jobs: names(51), reason: 'r' }, 'jobs'],
  ['TerminateJobs', '51 ids', { jobs: names(51), reason: 'r' }, 'jobs'],
  ['CancelJob', 'a reason of 1,025 characters', { jobId: 'a', reason: 'r'.repeat(1025) }, 'reason'],
  ['ListJobs', 'two things to list', { jobQueue: 'hosts', arrayJobId: 'a' }, 'exactly one'],
  ['GetJobQueueSnapshot', 'an unknown queue', { jobQueue: 'none' }, 'does not exist'],
]

const definitionRefusals: Refusal[] = [
  [
    'RegisterJobDefinition',
    'a name of bad form',
    { ...definition, jobDefinitionName: 'a b' },
    'jobDefinitionName',
  ],
  [
    'RegisterJobDefinition',
    'no body',
    { jobDefinitionName: 'refused', type: 'container' },
    'containerProperties',
  ],
  [
    'RegisterJobDefinition',
    'two bodies',
    { ...definition, ecsProperties: { taskProperties: [{ containers: [{ image: 'a' }] }] } },
    'roperties',
  ],
  [
    'RegisterJobDefinition',
    'a reserved variable',
    {
      ...definition,
      containerProperties: { ...deprecatedContainer, environment: [{ name: 'AWS_BATCH_X', value: '' }] },
    },
    'AWS_BATCH',
  ],
  [
    'RegisterJobDefinition',
    'MEMORY of 3 MiB',
    {
      ...definition,
      containerProperties: { image: 'a', resourceRequirements: [{ type: 'MEMORY', value: '3' }] },
    },
    'MEMORY',
  ],
  [
    'RegisterJobDefinition',
    'a Fargate container without a role',
    { ...fargate, containerProperties: { ...fargateContainer, executionRoleArn: undefined } },
    'executionRoleArn',
  ],
  [
    'RegisterJobDefinition',
    'a size that Fargate does not have',
    {
      ...fargate,
      containerProperties: {
        ...fargateContainer,
        resourceRequirements: [
          { type: 'VCPU', value: '0.25' },
          { type: 'MEMORY', value: '4096' },
        ],
      },
    },
    'MEMORY must be one of 512, 1024, 2048',
  ],
  [
    'RegisterJobDefinition',
    'containers that are together of no size of Fargate',
    {
      ...fargate,
      ecsProperties: {
        taskProperties: [
          {
            executionRoleArn: fargateContainer.executionRoleArn,
            containers: [
              { name: 'main', image: 'a', resourceRequirements: fargateContainer.resourceRequirements },
              { name: 'log', image: 'a', resourceRequirements: fargateSidecar },
            ],
          },
        ],
      },
    },
    'Fargate resource requirements (0.75 vCPU) not valid',
  ],
  [
    'RegisterJobDefinition',
    'a main node that is not there',
    {
      jobDefinitionName: 'refused',
      type: 'multinode',
      nodeProperties: {
        numNodes: 2,
        mainNode: 2,
        nodeRangeProperties: [{ targetNodes: '0:1', container: deprecatedContainer }],
      },
    },
    'mainNode',
  ],
  [
    'RegisterJobDefinition',
    'nodes that no range covers',
    {
      jobDefinitionName: 'refused',
      type: 'multinode',
      nodeProperties: {
        numNodes: 3,
        mainNode: 0,
        nodeRangeProperties: [{ targetNodes: '0:1', container: deprecatedContainer }],
      },
    },
    'nodeRangeProperties',
  ],
  ['DeregisterJobDefinition', 'an unknown revision', { jobDefinition: 'none:7' }, 'does not exist'],
  [
    'DescribeJobDefinitions',
    'names beside a status',
    { jobDefinitions: ['a:1'], status: 'ACTIVE' },
    'jobDefinitions',
  ],
]

const catalogueRefusals: Refusal[] = [
  [
    'CreateComputeEnvironment',
    'a name that exists',
    { computeEnvironmentName: 'hosts', type: 'UNMANAGED' },
    'already exists',
  ],
  ['CreateComputeEnvironment', 'no resources', environment, 'computeResources'],
  [
    'CreateComputeEnvironment',
    'desiredvCpus on Fargate',
    { ...environment, computeResources: { ...fargateResources, desiredvCpus: 1 } },
    'desiredvCpus is not applicable for Fargate.',
  ],
  [
    'CreateComputeEnvironment',
    'instance types on Fargate',
    { ...environment, computeResources: { ...fargateResources, instanceTypes: ['m5'] } },
    'instanceTypes',
  ],
  ['UpdateComputeEnvironment', 'an unknown one', { computeEnvironment: 'none' }, 'does not exist'],
  [
    'UpdateComputeEnvironment',
    'fewer desired vCPUs',
    { computeEnvironment: 'ec2', computeResources: { desiredvCpus: 1 } },
    'scaling down',
  ],
  ['DeleteComputeEnvironment', 'an unknown one', { computeEnvironment: 'none' }, 'does not exist'],
  [
    'DeleteComputeEnvironment',
    'one that a queue uses',
    { computeEnvironment: 'hosts' },
    'Cannot delete, found existing JobQueue relationship',
  ],
  ['CreateJobQueue', 'no environment', queue, 'computeEnvironmentOrder'],
  [
    'CreateJobQueue',
    'a name that exists',
    { ...queue, jobQueueName: 'hosts', computeEnvironmentOrder: onHosts },
    'already exists',
  ],
  [
    'CreateJobQueue',
    'an unknown environment',
    { ...queue, computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'none' }] },
    'does not exist',
  ],
  [
    'CreateJobQueue',
    'EC2 mixed with Fargate',
    { ...queue, computeEnvironmentOrder: [...onHosts, { order: 2, computeEnvironment: 'fargate' }] },
    'computeEnvironmentOrder',
  ],
  [
    'CreateJobQueue',
    'an unknown policy',
    { ...queue, computeEnvironmentOrder: onHosts, schedulingPolicyArn: arn('scheduling-policy/none') },
    'does not exist',
  ],
  [
    'CreateJobQueue',
    'a time limit under 600 s',
    {
      ...queue,
      computeEnvironmentOrder: onHosts,
      jobStateTimeLimitActions: [
        {
          reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
          state: 'RUNNABLE',
          maxTimeSeconds: 599,
          action: 'CANCEL',
        },
      ],
    },
    'maxTimeSeconds',
  ],
  ['UpdateJobQueue', 'an unknown one', { jobQueue: 'none' }, 'does not exist'],
  [
    'UpdateJobQueue',
    'a policy for a FIFO queue',
    { jobQueue: 'hosts', schedulingPolicyArn: arn('scheduling-policy/full') },
    'schedulingPolicyArn',
  ],
  [
    'UpdateJobQueue',
    'no policy any more',
    { jobQueue: 'fair', schedulingPolicyArn: '' },
    'schedulingPolicyArn',
  ],
  ['DeleteJobQueue', 'an unknown one', { jobQueue: 'none' }, 'does not exist'],
  ['DeleteJobQueue', 'an ENABLED one', { jobQueue: 'hosts' }, 'state must be DISABLED'],
]

const otherRefusals: Refusal[] = [
  [
    'CreateSchedulingPolicy',
    'shares that overlap',
    {
      ...policy,
      fairsharePolicy: { shareDistribution: [{ shareIdentifier: 'a*' }, { shareIdentifier: 'ab' }] },
    },
    'shareDistribution',
  ],
  [
    'CreateSchedulingPolicy',
    'a weight out of range',
    { ...policy, fairsharePolicy: { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 1000 }] } },
    'weightFactor',
  ],
  [
    'CreateSchedulingPolicy',
    'a decay out of range',
    { ...policy, fairsharePolicy: { shareDecaySeconds: 604_801 } },
    'shareDecaySeconds',
  ],
  [
    'UpdateSchedulingPolicy',
    'an unknown one',
    { arn: arn('scheduling-policy/none'), fairsharePolicy: {} },
    'does not exist',
  ],
  ['DeleteSchedulingPolicy', 'one that a queue uses', { arn: arn('scheduling-policy/full') }, 'relationship'],
  [
    'CreateConsumableResource',
    'less than nothing',
    { consumableResourceName: 'r', totalQuantity: -1 },
    'totalQuantity',
  ],
  [
    'UpdateConsumableResource',
    'an unknown one',
    { consumableResource: 'none', operation: 'SET', quantity: 1 },
    'does not exist',
  ],
  ['DeleteConsumableResource', 'an unknown one', { consumableResource: 'none' }, 'does not exist'],
  ['DescribeConsumableResource', 'an unknown one', { consumableResource: 'none' }, 'does not exist'],
  ['ListJobsByConsumableResource', 'an unknown one', { consumableResource: 'none' }, 'does not exist'],
  [
    'TagResource',
    'an unknown resource',
    { resourceArn: arn('job-queue/none'), tags: { a: 'b' } },
    'does not exist',
  ],
  ['TagResource', 'no ARN', { resourceArn: 'none', tags: { a: 'b' } }, 'resourceArn'],
  ['TagResource', '51 tags', { resourceArn: arn('job-queue/hosts'), tags: manyTags }, 'tags'],
  ['TagResource', 'a reserved key', { resourceArn: arn('job-queue/hosts'), tags: { 'aws:a': 'b' } }, 'aws:'],
  [
    'SubmitServiceJob',
    'at all',
    { jobName: 'a', jobQueue: 'hosts', serviceRequestPayload: '{}', serviceJobType: 'SAGEMAKER_TRAINING' },
    'SubmitServiceJob is not implemented',
  ],
]

export const refusals: Refusal[] = [
  ...jobRefusals,
  ...definitionRefusals,
  ...catalogueRefusals,
  ...otherRefusals,
]
