import type { AcceptedAttempt } from '../../src/agent/ports.ts'
import type { ContainerSpec } from '../../src/core/model/container-spec.ts'
import { gpuShares } from '../../src/core/model/gpu-shares.ts'
import { addResources } from '../../src/core/model/resources.ts'
import type { TaskSpec } from '../../src/core/model/task-spec.ts'

export type SpecMembers = Partial<ContainerSpec> & Pick<TaskSpec, 'timeoutSeconds' | 'volumes' | 'tags'>

/** A task of one container that runs `sh -c script`; `members` are the container's or the task's. */
export function aSpec(script: string, members: SpecMembers = {}): TaskSpec {
  const { timeoutSeconds, volumes, tags, ...ofContainer } = members
  const task = aTask(aContainer('default', script, ofContainer))
  return {
    ...task,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(volumes === undefined ? {} : { volumes }),
    ...(tags === undefined ? {} : { tags }),
  }
}

/** A task of these containers. */
export function aTask(...containers: ContainerSpec[]): TaskSpec {
  const resources = containers.map((container) => container.resources).reduce(addResources)
  const { gpuMilli } = gpuShares(containers.map((container) => container.resources.gpuMilli))
  return { containers, resources: { ...resources, gpuMilli } }
}

/** One container of a task that runs `sh -c script`. */
export function aContainer(
  name: string,
  script: string,
  members: Partial<ContainerSpec> = {},
): ContainerSpec {
  return {
    name,
    essential: true,
    image: 'busybox',
    command: ['sh', '-c', script],
    environment: [],
    resources: { cpuMilli: 1000, memoryMiB: 256, gpuMilli: 0, diskMiB: 0 },
    stopTimeoutSeconds: 30,
    logGroup: '/aws/batch/job',
    logStreamPrefix: `test/${name}`,
    ...members,
  }
}

/** The id of the n-th attempt of a test. */
export function attemptIdOf(n: number): string {
  return n.toString(16).padStart(32, '0')
}

/** On the first of the host's GPUs. */
export function anAttempt(n: number, spec: TaskSpec, deployment = 'here'): AcceptedAttempt {
  const environment = { AWS_BATCH_JOB_ATTEMPT: '1' }
  const cards = [...Array(Math.ceil(spec.resources.gpuMilli / 1_000)).keys()]
  return { attemptId: attemptIdOf(n), spec, environment, cards, deployment }
}
