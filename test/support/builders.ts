import type { HostOffer } from '../../src/core/model/environment.ts'
import type { JobDefinition, JobDefinitionBody, NodeProperties } from '../../src/core/model/job-definition.ts'
import type { ArrayShape, Job } from '../../src/core/model/job-record.ts'
import type { EndedAttempt, Progress, Where } from '../../src/core/model/progress.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'

/** The host that builders place attempts on. */
export const somewhere: Where = { environment: 1, instanceId: 'i-0000000000000001', runtime: 'docker' }

export function aProgress(members: Partial<Progress> = {}): Progress {
  return { state: 'RUNNABLE', attempts: [], ...members }
}

/** An attempt that ran from 100 to 200 and ended with exit code 1. */
export function anEndedAttempt(members: Partial<EndedAttempt> = {}): EndedAttempt {
  const statusReason = 'Essential container in task exited'
  return { ...somewhere, startedAt: 100, stoppedAt: 200, exitCode: 1, statusReason, ...members }
}

/** A single job that may start at once. */
export function aJob(members: Partial<Job> = {}): Job {
  return {
    seq: 1,
    createdAt: 0,
    definition: 1,
    request: { jobName: 'job' },
    share: 0,
    priority: 0,
    front: false,
    unmet: 0,
    progress: aProgress(),
    ready: true,
    ...members,
  }
}

/** An array job whose children may start at once. */
export function anArray(shape: Partial<ArrayShape>, members: Partial<Job> = {}): Job {
  return aJob({ progress: aProgress({ state: 'PENDING' }), array: aShape(shape), ...members })
}

export function aShape(members: Partial<ArrayShape> = {}): ArrayShape {
  return { size: 3, sequential: false, nToN: [], ...members }
}

export function aDefinition(body: Partial<JobDefinitionBody> = {}, name = 'definition'): JobDefinition {
  return { name, revision: 1, status: 'ACTIVE', body: { ...aDefinitionBody(), ...body } }
}

/** A container of one vCPU and 100 MiB. */
export function aDefinitionBody(): JobDefinitionBody {
  return {
    type: 'container',
    containerProperties: {
      image: 'busybox',
      command: ['true'],
      resourceRequirements: [
        { type: 'VCPU', value: '1' },
        { type: 'MEMORY', value: '100' },
      ],
    },
  }
}

/** Nodes of `aDefinitionBody`'s container, the first of them the main one. */
export function aMultiNodeBody(numNodes: number, members: Partial<NodeProperties> = {}): JobDefinitionBody {
  const { containerProperties } = aDefinitionBody()
  const nodeRangeProperties = [{ targetNodes: '0:', container: containerProperties! }]
  return { type: 'multinode', nodeProperties: { numNodes, mainNode: 0, nodeRangeProperties, ...members } }
}

export function aQueueConfig(members: Partial<QueueConfig> = {}): QueueConfig {
  return {
    number: 1,
    name: 'queue',
    uuid: '00000000-0000-4000-8000-000000000000',
    createdAt: 0,
    state: 'ENABLED',
    priority: 1,
    environments: [{ number: 1, name: 'environment' }],
    ...members,
  }
}

/** A host that holds `vcpus` containers of `aDefinitionBody`. */
export function anOffer(vcpus: number, members: Partial<HostOffer> = {}): HostOffer {
  return {
    resources: { cpuMilli: vcpus * 1000, memoryMiB: vcpus * 100, gpuMilli: 0, diskMiB: 0 },
    architecture: 'X86_64',
    labels: {},
    runtime: 'docker',
    hostname: 'host',
    ...members,
  }
}
