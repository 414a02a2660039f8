import type {
  UpdateComputeEnvironmentCommandInput,
  UpdateConsumableResourceCommandInput,
  UpdateJobQueueCommandInput,
} from '@aws-sdk/client-batch'

/** Changes to what `catalogue.ts` makes; between them every member is set. */

export const environmentUpdates: UpdateComputeEnvironmentCommandInput[] = [
  { computeEnvironment: 'hosts', state: 'DISABLED', unmanagedvCpus: 8, serviceRole: 'role' },
  { computeEnvironment: 'arn:aws:batch:us-east-1:000000000000:compute-environment/hosts', state: 'ENABLED' },
  {
    computeEnvironment: 'ec2',
    context: 'another note',
    ecsSettings: { containerInsights: 'DISABLED' },
    updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 60 },
    computeResources: {
      minvCpus: 1,
      desiredvCpus: 4,
      maxvCpus: 128,
      allocationStrategy: 'BEST_FIT_PROGRESSIVE_ORDERED',
      instanceTypes: ['c5.xlarge'],
      imageId: 'ami-99999999',
      subnets: ['subnet-3'],
      securityGroupIds: ['sg-2'],
      ec2KeyPair: 'another',
      instanceRole: 'anotherRole',
      tags: { team: 'b' },
      placementGroup: 'closer',
      launchTemplate: { launchTemplateName: 'template', version: '3' },
      ec2Configuration: [{ imageType: 'ECS_AL2023' }],
      updateToLatestImageVersion: true,
      type: 'EC2',
      scalingPolicy: { minScaleDownDelayMinutes: 30 },
      capacityTags: { team: 'b' },
    },
  },
  { computeEnvironment: 'spot', computeResources: { bidPercentage: 70 } },
  {
    computeEnvironment: 'managed-instances',
    computeResources: {
      managedInstancesProvider: {
        propagateTags: 'NONE',
        infrastructureRoleArn: 'arn:aws:iam::000000000000:role/another',
        infrastructureOptimization: { scaleInAfter: -1 },
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: 'arn:aws:iam::000000000000:instance-profile/another',
          networkConfiguration: { subnets: ['subnet-2'], securityGroups: ['sg-2'] },
          instanceRequirements: { allowedInstanceTypes: ['m5.large'] },
          storageConfiguration: { storageSizeGiB: 60 },
          monitoring: 'DETAILED',
          capacityReservations: { reservationPreference: 'RESERVATIONS_EXCLUDED' },
          instanceMetadataTagsPropagation: false,
          localStorageConfiguration: { useLocalStorage: false },
        },
      },
    },
  },
]

/** `policyArn`: of another fair-share policy than the queue has. */
export function queueUpdates(policyArn: string): UpdateJobQueueCommandInput[] {
  return [
    {
      jobQueue: 'ec2',
      state: 'ENABLED',
      priority: 8,
      schedulingPolicyArn: policyArn,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'ec2' }],
      jobStateTimeLimitActions: [
        {
          reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
          state: 'RUNNABLE',
          maxTimeSeconds: 86400,
          action: 'CANCEL',
        },
      ],
    },
  ]
}

export const resourceUpdates: UpdateConsumableResourceCommandInput[] = [
  { consumableResource: 'licence', operation: 'ADD', quantity: 3, clientToken: 'once' },
  { consumableResource: 'licence', operation: 'REMOVE', quantity: 1 },
  { consumableResource: 'licence', operation: 'SET', quantity: 6 },
]
