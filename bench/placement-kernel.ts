import type { Demand, Grant } from '../src/core/scheduling/demand.ts'
import { HostPool } from '../src/core/scheduling/host-pool.ts'
import { type Figure, medianFigure } from './figure.ts'
import { seeded } from './traces/seeded.ts'

const repeats = 3
const placements = 100_000
/** What a host of each kind has, and how many of ten are of it. */
const kinds = [
  { of10: 5, vcpus: 16, memoryGiB: 64, cards: 0 },
  { of10: 3, vcpus: 64, memoryGiB: 256, cards: 0 },
  { of10: 2, vcpus: 96, memoryGiB: 384, cards: 8 },
]
/** What jobs ask for, and how many of a hundred do. */
const shapes = [
  { of100: 30, vcpus: 1, memoryGiB: 2, gpus: 0 },
  { of100: 15, vcpus: 2, memoryGiB: 4, gpus: 0 },
  { of100: 10, vcpus: 4, memoryGiB: 8, gpus: 0 },
  { of100: 10, vcpus: 4, memoryGiB: 32, gpus: 0 },
  { of100: 5, vcpus: 16, memoryGiB: 32, gpus: 0 },
  { of100: 2, vcpus: 32, memoryGiB: 128, gpus: 0 },
  { of100: 8, vcpus: 4, memoryGiB: 16, gpus: 0.25 },
  { of100: 6, vcpus: 6, memoryGiB: 24, gpus: 0.5 },
  { of100: 8, vcpus: 8, memoryGiB: 32, gpus: 1 },
  { of100: 3, vcpus: 16, memoryGiB: 64, gpus: 2 },
  { of100: 2, vcpus: 48, memoryGiB: 192, gpus: 4 },
  { of100: 1, vcpus: 96, memoryGiB: 384, gpus: 8 },
]

/** The vCPUs that are kept taken, of all there are. */
const filled = 0.8

/**
 * The pure placement kernel on one core, without a store: a pool of hosts is filled to 80 % of its vCPUs with jobs drawn at
 * random from the mix, then for each job drawn others end at random until it is no fuller than that. A placement is a
 * choice and a taking; the releases, and choices that find no room (they count for nothing), are in the time, which is CPU time.
 */
export async function measurePlacementKernel(): Promise<Figure[]> {
  return [1_000, 10_000].map((hosts) => {
    const samples = Array.from({ length: repeats }, (_, seed) => placementsPerSecond(hosts, seed))
    return medianFigure(
      `placements on ${hosts.toLocaleString('en-US')} hosts 80 % full, ${shapes.length} shapes`,
      samples,
      '/s of CPU',
      'pure, without a store, with a release for each',
    )
  })
}

type Held = { grant: Grant; demand: Demand }

function placementsPerSecond(hosts: number, seed: number): number {
  const random = seeded(seed)
  const { pool, cpuMilli } = poolOf(hosts)
  const demands = shapes.flatMap(({ of100, ...shape }) => Array<Demand>(of100).fill(demandOf(shape)))
  const held: Held[] = []
  let taken = 0
  const place = (): boolean => {
    const demand = demands[Math.floor(random() * demands.length)]!
    const grant = pool.choose(demand)
    if (!grant) return false
    pool.take(grant, demand.resources)
    held.push({ grant, demand })
    taken += demand.resources.cpuMilli
    return true
  }
  const release = () => {
    const at = Math.floor(random() * held.length)
    const { grant, demand } = held[at]!
    held[at] = held.at(-1)!
    held.pop()
    pool.release(grant, demand.resources)
    taken -= demand.resources.cpuMilli
  }
  while (taken < filled * cpuMilli) place()
  const begun = process.cpuUsage()
  for (let placed = 0; placed < placements; ) {
    while (taken > filled * cpuMilli) release()
    if (place()) placed++
  }
  const { user, system } = process.cpuUsage(begun)
  return (placements * 1e6) / (user + system)
}

function demandOf({ vcpus, memoryGiB, gpus }: { vcpus: number; memoryGiB: number; gpus: number }): Demand {
  const amounts = { cpuMilli: vcpus * 1_000, memoryMiB: memoryGiB * 1_024, gpuMilli: gpus * 1_000 }
  return { resources: { ...amounts, diskMiB: 0 } }
}

function poolOf(hosts: number): { pool: HostPool; cpuMilli: number } {
  let cpuMilli = 0
  const pool = new HostPool()
  const ten = kinds.flatMap(({ of10, ...kind }) => Array<typeof kind>(of10).fill(kind))
  for (let at = 0; at < hosts; at++) {
    const { cards, ...kind } = ten[at % 10]!
    const { resources: capacity } = demandOf({ ...kind, gpus: cards })
    const model = cards > 0 ? { gpuModel: 'T4' } : {}
    cpuMilli += capacity.cpuMilli
    pool.add({ id: `host-${at}`, capacity, cards, ...model, architecture: 'X86_64', labels: {} })
  }
  return { pool, cpuMilli }
}
