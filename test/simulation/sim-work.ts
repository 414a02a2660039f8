import type { JobRequest } from '../../src/core/model/job.ts'
import type { JobDefinition } from '../../src/core/model/job-definition.ts'
import { licensedNeeds } from './consumable-watch.ts'
import type { World } from './world.ts'

export const definition: JobDefinition = {
  name: 'work',
  revision: 1,
  status: 'ACTIVE',
  body: {
    type: 'container',
    containerProperties: {
      image: 'none',
      command: ['work'],
      resourceRequirements: [
        { type: 'VCPU', value: '1' },
        { type: 'MEMORY', value: '100' },
      ],
    },
    retryStrategy: { attempts: 10 },
  },
}
/** The same with consumable resources. */
export const licensed: JobDefinition = {
  ...definition,
  name: 'licensed',
  body: {
    ...definition.body,
    containerProperties: { ...definition.body.containerProperties!, command: ['licensed'] },
    consumableResourceProperties: licensedNeeds!,
  },
}
/** Of as many nodes as its jobs say. */
export const gang: JobDefinition = {
  ...definition,
  name: 'gang',
  body: {
    type: 'multinode',
    retryStrategy: definition.body.retryStrategy!,
    nodeProperties: {
      numNodes: 2,
      mainNode: 0,
      nodeRangeProperties: [{ targetNodes: '0:', container: definition.body.containerProperties! }],
    },
  },
}
/** vCPUs that every host has. */
export const smallestHost = 4
export const hostMemoryMiB = 1_000
/** What hosts have of GPUs, at least. */
export const fewestGpus = 1

/** Wants all the memory of a host, and is first in its queue: it waits for one to be emptied. */
export const urgent: JobDefinition = {
  ...definition,
  name: 'urgent',
  body: {
    ...definition.body,
    schedulingPriority: 10,
    containerProperties: {
      ...definition.body.containerProperties!,
      command: ['urgent'],
      resourceRequirements: wanting(1, 0, hostMemoryMiB),
    },
  },
}

export const definitions = [definition, licensed, gang, urgent]

/** What a single job may want besides: more vCPUs, a GPU, a time-out that it may run into. */
export function someNeeds(world: World): Pick<JobRequest, 'containerOverrides' | 'timeout'> {
  const draw = world.random()
  const large = draw < 0.1 ? wanting(world.between(2, smallestHost)) : undefined
  const withGpu = draw > 0.93 ? wanting(1, fewestGpus) : undefined
  const needs = large ?? withGpu
  return {
    ...(needs ? { containerOverrides: { resourceRequirements: needs } } : {}),
    ...(world.chance(0.4) ? { timeout: { attemptDurationSeconds: world.between(2, 30) } } : {}),
  }
}

function wanting(vcpus: number, gpus = 0, memoryMiB = 100) {
  return [
    { type: 'VCPU', value: `${vcpus}` },
    { type: 'MEMORY', value: `${memoryMiB}` },
    ...(gpus > 0 ? [{ type: 'GPU', value: `${gpus}` }] : []),
  ] as NonNullable<NonNullable<JobDefinition['body']['containerProperties']>['resourceRequirements']>
}
