import type { SubmitJobCommandInput } from '@aws-sdk/client-batch'
import { retryStrategy } from './containers.ts'

const requirements = [
  { type: 'VCPU' as const, value: '2' },
  { type: 'MEMORY' as const, value: '256' },
]
const environment = [{ name: 'COLOUR', value: 'red' }]
const parameters = { greeting: 'goodbye' }
const consumableResourcePropertiesOverride = {
  consumableResourceList: [{ consumableResource: 'fuel', quantity: 2 }],
}
const podContainer = {
  image: 'alpine',
  command: ['sh'],
  args: ['-c', 'true'],
  env: [{ name: 'COLOUR', value: 'red' }],
  resources: { limits: { memory: '64Mi', cpu: '1' }, requests: { memory: '64Mi', cpu: '0.5' } },
}

/** Stands for the id of an array job of 3 children. */
const dependency = '00000000-0000-8000-8000-000000000000'

const examples: SubmitJobCommandInput[] = [
  {
    jobName: 'container',
    jobQueue: 'hosts',
    jobDefinition: 'container',
    parameters,
    containerOverrides: {
      command: ['echo', 'Ref::greeting'],
      environment,
      resourceRequirements: requirements,
    },
    retryStrategy,
    timeout: { attemptDurationSeconds: 60 },
    propagateTags: false,
    tags: { owner: 'me' },
    consumableResourcePropertiesOverride,
  },
  {
    jobName: 'deprecated',
    jobQueue: 'arn:aws:batch:us-east-1:000000000000:job-queue/hosts',
    jobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/deprecated',
    containerOverrides: { vcpus: 2, memory: 512, command: ['true'] },
    arrayProperties: {},
    dependsOn: [],
    tags: {},
  },
  {
    jobName: 'array',
    jobQueue: 'hosts',
    jobDefinition: 'deprecated:1',
    arrayProperties: { size: 3 },
    dependsOn: [{ type: 'SEQUENTIAL' }, { jobId: dependency, type: 'N_TO_N' }, { jobId: dependency }],
  },
  {
    jobName: 'shared',
    jobQueue: 'fair',
    jobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/deprecated:1',
    shareIdentifier: 'physics',
    schedulingPriorityOverride: 9,
    consumableResourcePropertiesOverride,
  },
  { jobName: 'fargate', jobQueue: 'fargate', jobDefinition: 'fargate:1' },
  { jobName: 'managed-instances', jobQueue: 'managed-instances', jobDefinition: 'managed-instances' },
  {
    jobName: 'task',
    jobQueue: 'hosts',
    jobDefinition: 'task',
    ecsPropertiesOverride: {
      taskProperties: [
        {
          containers: [{ name: 'main', command: ['false'], environment, resourceRequirements: requirements }],
        },
      ],
    },
  },
  {
    jobName: 'nodes',
    jobQueue: 'hosts',
    jobDefinition: 'nodes',
    nodeOverrides: {
      numNodes: 4,
      nodePropertyOverrides: [
        {
          targetNodes: '0:1',
          containerOverrides: { command: ['true'], instanceType: 'c5.xlarge' },
          instanceTypes: ['c5.xlarge'],
          consumableResourcePropertiesOverride,
        },
        {
          targetNodes: '2:3',
          ecsPropertiesOverride: { taskProperties: [{ containers: [{ name: 'main' }] }] },
        },
      ],
    },
  },
  {
    jobName: 'pod',
    jobQueue: 'eks',
    jobDefinition: 'pod',
    eksPropertiesOverride: {
      podProperties: {
        containers: [{ ...podContainer, name: 'Default' }],
        initContainers: [{ ...podContainer, name: 'init' }],
        metadata: { labels: { team: 'b' }, annotations: { note: 'c' }, namespace: 'other' },
      },
    },
  },
  {
    jobName: 'pod-nodes',
    jobQueue: 'eks',
    jobDefinition: 'pod-nodes',
    nodeOverrides: {
      nodePropertyOverrides: [
        {
          targetNodes: '0:1',
          eksPropertiesOverride: { podProperties: { containers: [{ name: 'Default', image: 'alpine' }] } },
        },
      ],
    },
  },
]

/** Jobs as clients submit them; between them every member is set. `dependsOn`: the id of an array job of 3 children. */
export function jobs(dependsOn: string): SubmitJobCommandInput[] {
  return JSON.parse(JSON.stringify(examples).replaceAll(dependency, dependsOn))
}
