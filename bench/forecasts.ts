import type { PresentState } from '../src/core/simulation/changed-state.ts'
import type { PresentQueue } from '../src/core/simulation/present-state.ts'
import { whatIf } from '../src/core/simulation/what-if.ts'
import { type Figure, medianFigure } from './figure.ts'

const repeats = 3
const hostCount = 1_000
const runsOnHost = 8
const jobs = 1_000
const kinds = 20
const shares = 50
const minuteMs = 60_000

/**
 * One question of `POST /v1/whatif`, which is two simulations: 1,000 hosts with 8,000 attempts, and of 20 kinds as many jobs or
 * attempts wait as are gone through at most. What the objects do to tell how they stand is not in the time.
 */
export async function measureForecasts(): Promise<Figure[]> {
  const cases = [
    { children: 1, fair: false },
    { children: 10, fair: false },
    { children: 10, fair: true },
  ]
  return cases.map(({ children, fair }) => {
    const samples = Array.from({ length: repeats }, () => askMs(presentOf(children, fair)))
    const waiting = (jobs * children).toLocaleString('en-US')
    const name = `forecast, ${waiting} attempts wait on ${hostCount.toLocaleString('en-US')} hosts`
    return medianFigure(fair ? `${name}, of ${shares} shares` : name, samples, 'ms of CPU')
  })
}

function askMs(state: PresentState): number {
  const begun = process.cpuUsage()
  const work = state.queues[0]!.works[0]!
  const newJob = { work, share: 'share0', priority: 0, count: 1, atOnce: 1 }
  const { whatIf: world } = whatIf(state, { queue: 1, newJob, assumedMs: minuteMs, changes: {} }, jobOf)
  const { user, system } = process.cpuUsage(begun)
  if (world.isCut || world.job?.startsAt === undefined) throw new Error('the job did not start')
  return (user + system) / 1_000
}

function presentOf(children: number, fair: boolean): PresentState {
  const now = 1_000_000_000
  const shareOf = (at: number) => (fair ? `share${at % shares}` : '')
  const works = Array.from({ length: kinds }, (_, at) => ({
    kind: `${at}`,
    demands: [{ resources: resources(1 + (at % 5)) }],
    boundMs: kinds * minuteMs,
    learnedMs: (at + 1) * minuteMs,
  }))
  const queue: PresentQueue = {
    number: 1,
    name: 'queue',
    priority: 1,
    environments: [1],
    works,
    waiting: Array.from({ length: jobs }, (_, at) => ({
      seq: hostCount * runsOnHost + at,
      work: at % kinds,
      share: shareOf(at),
      priority: 0,
      count: children,
      atOnce: children,
    })),
    running: Array.from({ length: hostCount * runsOnHost }, (_, seq) => ({
      seq,
      work: seq % kinds,
      share: shareOf(seq),
      priority: 0,
    })),
    isCut: false,
    waitForConsumables: 0,
    ...(fair ? { fairsharePolicy: {} } : {}),
  }
  return { now, queues: [queue], environments: [environmentOf(now)] }
}

function environmentOf(now: number): PresentState['environments'][number] {
  const hosts = Array.from({ length: hostCount }, (_, at) => ({
    instanceId: `i-${at}`,
    host: { id: `${at}`, capacity: resources(16), cards: 0, architecture: 'X86_64' as const, labels: {} },
    open: true,
  }))
  const runs = Array.from({ length: hostCount * runsOnHost }, (_, seq) => ({
    attemptId: `${seq}`,
    host: `${seq % hostCount}`,
    resources: resources(2),
    cards: [],
    endsBy: now + kinds * minuteMs,
    startedAt: now - 1_000 * (seq % 59),
  }))
  return { number: 1, name: 'environment', disabled: false, queues: [1], hosts, runs }
}

function resources(vcpus: number) {
  return { cpuMilli: vcpus * 1_000, memoryMiB: vcpus * 2_048, gpuMilli: 0, diskMiB: 0 }
}

function jobOf(attemptId: string) {
  return { queue: 1, seq: Number(attemptId) }
}
