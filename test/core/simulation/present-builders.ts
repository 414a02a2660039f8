import type { PresentState } from '../../../src/core/simulation/changed-state.ts'
import type {
  PresentEnvironment,
  PresentHost,
  PresentQueue,
  PresentRun,
  WaitingWork,
  Work,
} from '../../../src/core/simulation/present-state.ts'

/** When the present is, in tests. */
export const now = 1_000_000

export function capacity(vcpus: number) {
  return { cpuMilli: vcpus * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }
}

/** A host that is connected. */
export function aHost(instanceId: string, vcpus: number, open = true): PresentHost {
  const host = {
    id: instanceId,
    capacity: capacity(vcpus),
    cards: 0,
    architecture: 'X86_64' as const,
    labels: {},
  }
  return { instanceId, host, open }
}

/** An attempt of job `seq` of a queue that runs since `age` seconds, without a bound. */
export function aRun(seq: number, { queue = 1, host = 'a', vcpus = 1, age = 0 } = {}): PresentRun {
  return {
    attemptId: `${queue}/${seq}`,
    host,
    resources: capacity(vcpus),
    cards: [],
    endsBy: Number.POSITIVE_INFINITY,
    startedAt: now - age * 1000,
  }
}

/** Whose a run of `aRun` is. */
export function jobOf(attemptId: string) {
  const [queue, seq] = attemptId.split('/').map(Number)
  return { queue: queue!, seq: seq! }
}

/** What one vCPU runs; `learned` seconds of late, no longer than `bound`. */
export function aWork({
  vcpus = 1,
  learned,
  bound,
}: {
  vcpus?: number
  learned?: number
  bound?: number
} = {}): Work {
  return {
    kind: `${vcpus} ${learned} ${bound}`,
    demands: [{ resources: capacity(vcpus) }],
    boundMs: (bound ?? Number.POSITIVE_INFINITY) * 1000,
    ...(learned === undefined ? {} : { learnedMs: learned * 1000 }),
  }
}

/** A single job that waits. */
export function waits(seq: number, waiting: Partial<WaitingWork> = {}): WaitingWork {
  return { seq, work: 0, share: '', priority: 0, count: 1, atOnce: 1, ...waiting }
}

export function aQueue(queue: Partial<PresentQueue> = {}): PresentQueue {
  return {
    number: 1,
    name: 'q',
    priority: 1,
    environments: [1],
    works: [aWork()],
    waiting: [],
    running: [],
    isCut: false,
    waitForConsumables: 0,
    ...queue,
  }
}

export function anEnvironment(environment: Partial<PresentEnvironment> = {}): PresentEnvironment {
  return {
    number: 1,
    name: 'e',
    disabled: false,
    queues: [1],
    hosts: [aHost('a', 1)],
    runs: [],
    ...environment,
  }
}

/** One environment and its queues. */
export function aState(queues: PresentQueue[], environment: Partial<PresentEnvironment> = {}): PresentState {
  return { now, queues, environments: [anEnvironment(environment)] }
}
