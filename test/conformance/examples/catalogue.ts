import type {
  CreateComputeEnvironmentCommandInput,
  CreateConsumableResourceCommandInput,
  CreateJobQueueCommandInput,
  CreateSchedulingPolicyCommandInput,
  RegisterJobDefinitionCommandInput,
} from '@aws-sdk/client-batch'
import {
  deprecatedContainer,
  fargateContainer,
  fargateTask,
  fullContainer,
  fullPod,
  fullTask,
  retryStrategy,
} from './containers.ts'

/** Things of the catalogue as clients make them; between them every member is set. */

const tags = { team: 'a', 'cost-centre': '' }
const serviceLinkedRole =
  'arn:aws:iam::000000000000:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch'
const launchTemplate = {
  launchTemplateName: 'template',
  version: '$Latest',
  userdataType: 'EKS_BOOTSTRAP_SH' as const,
  overrides: [
    {
      launchTemplateId: 'lt-0123456789abcdef0',
      version: '2',
      targetInstanceTypes: ['c5.large'],
      userdataType: 'EKS_NODEADM' as const,
    },
    { launchTemplateName: 'another', targetInstanceTypes: ['c5.xlarge'] },
  ],
}

export const environments: CreateComputeEnvironmentCommandInput[] = [
  {
    computeEnvironmentName: 'hosts',
    type: 'UNMANAGED',
    state: 'ENABLED',
    unmanagedvCpus: 4,
    serviceRole: '',
    tags,
  },
  {
    computeEnvironmentName: 'ec2',
    type: 'MANAGED',
    state: 'ENABLED',
    serviceRole: serviceLinkedRole,
    context: 'a note',
    ecsSettings: { containerInsights: 'ENHANCED' },
    computeResources: {
      type: 'EC2',
      allocationStrategy: 'BEST_FIT_PROGRESSIVE',
      minvCpus: 0,
      desiredvCpus: 2,
      maxvCpus: 64,
      instanceTypes: ['c5.large', 'm5'],
      imageId: 'ami-12345678',
      subnets: ['subnet-1', 'subnet-2'],
      securityGroupIds: ['sg-1'],
      ec2KeyPair: 'key',
      instanceRole: 'ecsInstanceRole',
      tags,
      placementGroup: 'close',
      launchTemplate: { launchTemplateId: 'lt-0123456789abcdef0', version: '1' },
      ec2Configuration: [
        { imageType: 'ECS_AL2023', imageIdOverride: 'ami-87654321', batchImageStatus: 'UPDATE_AVAILABLE' },
      ],
      scalingPolicy: { minScaleDownDelayMinutes: 20 },
      capacityTags: { team: 'a' },
    },
  },
  {
    computeEnvironmentName: 'spot',
    type: 'MANAGED',
    computeResources: {
      type: 'SPOT',
      allocationStrategy: 'SPOT_PRICE_CAPACITY_OPTIMIZED',
      maxvCpus: 16,
      minvCpus: 0,
      bidPercentage: 60,
      spotIamFleetRole: 'arn:aws:iam::000000000000:role/fleet',
      instanceTypes: ['optimal'],
      subnets: ['subnet-1'],
      instanceRole: 'ecsInstanceRole',
      launchTemplate,
    },
  },
  {
    computeEnvironmentName: 'fargate',
    type: 'MANAGED',
    computeResources: { type: 'FARGATE', maxvCpus: 8, subnets: ['subnet-1'], securityGroupIds: ['sg-1'] },
  },
  {
    computeEnvironmentName: 'managed-instances',
    type: 'MANAGED',
    computeResources: {
      type: 'ECS_MANAGED_INSTANCES',
      maxvCpus: 8,
      managedInstancesProvider: {
        infrastructureRoleArn: 'arn:aws:iam::000000000000:role/infrastructure',
        propagateTags: 'CAPACITY_PROVIDER',
        infrastructureOptimization: { scaleInAfter: 600 },
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: 'arn:aws:iam::000000000000:instance-profile/batch',
          networkConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] },
          instanceRequirements: { allowedInstanceTypes: ['c5.large'] },
          capacityOptionType: 'SPOT',
          storageConfiguration: { storageSizeGiB: 50 },
          monitoring: 'BASIC',
          fipsEnabled: false,
          capacityReservations: {
            reservationGroupArn: 'arn:aws:resource-groups:us-east-1:000000000000:group/reserved',
            reservationPreference: 'RESERVATIONS_FIRST',
          },
          instanceMetadataTagsPropagation: true,
          localStorageConfiguration: { useLocalStorage: true },
        },
      },
    },
  },
  {
    computeEnvironmentName: 'eks',
    type: 'MANAGED',
    eksConfiguration: {
      eksClusterArn: 'arn:aws:eks:us-east-1:000000000000:cluster/batch',
      kubernetesNamespace: 'batch',
    },
    computeResources: {
      type: 'EC2',
      allocationStrategy: 'BEST_FIT_PROGRESSIVE',
      minvCpus: 0,
      maxvCpus: 16,
      instanceTypes: ['m5'],
      subnets: ['subnet-1'],
      securityGroupIds: ['sg-1'],
      instanceRole: 'eksInstanceRole',
      ec2Configuration: [{ imageType: 'EKS_AL2023', imageKubernetesVersion: '1.31' }],
    },
  },
]

export const policies: CreateSchedulingPolicyCommandInput[] = [
  { name: 'bare', fairsharePolicy: {} },
  {
    name: 'full',
    fairsharePolicy: {
      shareDecaySeconds: 3600,
      computeReservation: 10,
      shareDistribution: [
        { shareIdentifier: 'physics', weightFactor: 0.125 },
        { shareIdentifier: 'bio*', weightFactor: 2 },
      ],
    },
    tags,
  },
]

export const resources: CreateConsumableResourceCommandInput[] = [
  { consumableResourceName: 'licence', totalQuantity: 5, resourceType: 'REPLENISHABLE', tags },
  { consumableResourceName: 'fuel', totalQuantity: 100, resourceType: 'NON_REPLENISHABLE' },
  { consumableResourceName: 'bare' },
]

/** `policyArn`: of a fair-share policy. */
export function queues(policyArn: string): CreateJobQueueCommandInput[] {
  return [
    {
      jobQueueName: 'hosts',
      priority: 10,
      state: 'ENABLED',
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'hosts' }],
      jobStateTimeLimitActions: [
        {
          reason: 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
          state: 'RUNNABLE',
          maxTimeSeconds: 600,
          action: 'CANCEL',
        },
      ],
      tags,
    },
    {
      jobQueueName: 'fair',
      priority: 3,
      schedulingPolicyArn: policyArn,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'hosts' }],
    },
    {
      jobQueueName: 'ec2',
      priority: 0,
      state: 'DISABLED',
      schedulingPolicyArn: policyArn,
      jobQueueType: 'ECS',
      computeEnvironmentOrder: [
        { order: 5, computeEnvironment: 'spot' },
        { order: 2, computeEnvironment: 'ec2' },
      ],
    },
    {
      jobQueueName: 'fargate',
      priority: 1,
      jobQueueType: 'ECS_FARGATE',
      computeEnvironmentOrder: [{ order: 0, computeEnvironment: 'fargate' }],
    },
    {
      jobQueueName: 'managed-instances',
      priority: 1,
      jobQueueType: 'ECS_MANAGED_INSTANCES',
      computeEnvironmentOrder: [{ order: 0, computeEnvironment: 'managed-instances' }],
    },
    {
      jobQueueName: 'eks',
      priority: 1,
      jobQueueType: 'EKS',
      computeEnvironmentOrder: [{ order: 0, computeEnvironment: 'eks' }],
    },
  ]
}

const parameters = { greeting: 'hello', unused: '' }
const consumableResourceProperties = {
  consumableResourceList: [{ consumableResource: 'licence', quantity: 1 }],
}

export const definitions: RegisterJobDefinitionCommandInput[] = [
  {
    jobDefinitionName: 'container',
    type: 'container',
    parameters,
    schedulingPriority: 7,
    containerProperties: fullContainer,
    retryStrategy,
    propagateTags: true,
    timeout: { attemptDurationSeconds: 3600 },
    tags,
    platformCapabilities: ['EC2'],
    consumableResourceProperties,
  },
  { jobDefinitionName: 'deprecated', type: 'container', containerProperties: deprecatedContainer },
  {
    jobDefinitionName: 'fargate',
    type: 'container',
    platformCapabilities: ['FARGATE'],
    containerProperties: fargateContainer,
  },
  {
    jobDefinitionName: 'task-on-fargate',
    type: 'container',
    platformCapabilities: ['FARGATE'],
    ecsProperties: { taskProperties: [fargateTask] },
  },
  { jobDefinitionName: 'task', type: 'container', parameters, ecsProperties: { taskProperties: [fullTask] } },
  {
    jobDefinitionName: 'managed-instances',
    type: 'container',
    platformCapabilities: ['MANAGED_INSTANCES'],
    ecsProperties: {
      taskProperties: [
        {
          networkMode: 'host',
          containers: [
            {
              name: 'main',
              image: 'busybox',
              resourceRequirements: [
                { type: 'VCPU', value: '1' },
                { type: 'MEMORY', value: '64' },
              ],
            },
          ],
        },
      ],
    },
  },
  { jobDefinitionName: 'pod', type: 'container', parameters, eksProperties: { podProperties: fullPod } },
  {
    jobDefinitionName: 'nodes',
    type: 'multinode',
    parameters,
    nodeProperties: {
      numNodes: 4,
      mainNode: 0,
      nodeRangeProperties: [
        {
          targetNodes: '0:',
          container: { ...deprecatedContainer, instanceType: 'c5.large' },
          consumableResourceProperties,
        },
        { targetNodes: '2:3', ecsProperties: { taskProperties: [fullTask] }, instanceTypes: ['c5.large'] },
      ],
    },
  },
  {
    jobDefinitionName: 'pod-nodes',
    type: 'multinode',
    nodeProperties: {
      numNodes: 2,
      mainNode: 1,
      nodeRangeProperties: [{ targetNodes: '0:1', eksProperties: { podProperties: fullPod } }],
    },
  },
]
