import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Demand } from '../../src/core/scheduling/demand.ts'
import { HostPool } from '../../src/core/scheduling/host-pool.ts'
import type { Figure } from '../figure.ts'
import { bestFitPacker, fgdPacker, type Packer, randomPacker, typicalTasks } from './gpu-baselines.ts'
import {
  type GpuNode,
  type GpuTask,
  gpuMilliOf,
  type OpenbVariant,
  openbVariants,
  readGpuNodes,
  readGpuTasks,
} from './openb.ts'
import { seeded, shuffled } from './seeded.ts'

/** Orders of the tasks, each of its own seed, of which the mean is told. */
const orders = 10
/** GPUs the tasks ask for together, of those there are. */
const load = 1.3

/** Percent of all GPUs. `beforeFailure`: when for the first time a task found no room. */
export type PackingOutcome = { allocated: number; beforeFailure: number }
export type PackingPolicy = 'random' | 'best fit' | 'FGD' | 'Longshore'
export type PackingRow = { variant: OpenbVariant } & Record<PackingPolicy, PackingOutcome>

/**
 * The packing experiment of "Beware of Fragmentation" (ATC '23) on openb's GPU nodes: tasks in random order, repeated until
 * they ask for 130 % of the GPUs, none ends, what fits nowhere is skipped; means of ten orders. Longshore's is the pool that
 * environments place from. Undefined where the folder does not hold the trace.
 */
export function gpuPackingTable(folder: string): PackingRow[] | undefined {
  if (!existsSync(join(folder, 'openb_nodes.csv'))) return undefined
  const nodes = readGpuNodes(folder)
  return openbVariants.map((variant) => {
    const tasks = readGpuTasks(folder, variant)
    const typical = typicalTasks(tasks)
    return {
      variant,
      random: mean(nodes, tasks, (seed) => randomPacker(nodes, seeded(seed + orders))),
      'best fit': mean(nodes, tasks, () => bestFitPacker(nodes)),
      FGD: mean(nodes, tasks, () => fgdPacker(nodes, typical)),
      Longshore: mean(nodes, tasks, () => longshorePacker(nodes)),
    }
  })
}

/** The same as figures, from `LONGSHORE_TRACES` (a folder with openb's files); none where it is not set. */
export async function measureGpuPacking(): Promise<Figure[]> {
  const folder = process.env.LONGSHORE_TRACES
  const table = folder === undefined ? undefined : gpuPackingTable(folder)
  if (!table) process.stderr.write('gpu: skipped, LONGSHORE_TRACES names no folder with openb_nodes.csv\n')
  return (table ?? []).flatMap(({ variant, ...policies }) =>
    Object.entries(policies).map(([policy, { allocated, beforeFailure }]) => ({
      name: `GPUs allocated, ${variant}, ${policy}`,
      value: allocated,
      unit: '%',
      note: `${beforeFailure.toFixed(1)} % when for the first time a task found no room`,
    })),
  )
}

function mean(nodes: GpuNode[], tasks: GpuTask[], packer: (seed: number) => Packer): PackingOutcome {
  const all = Array.from({ length: orders }, (_, seed) => pack(nodes, tasks, seed, packer(seed)))
  const of = (member: keyof PackingOutcome) => all.reduce((sum, one) => sum + one[member], 0) / orders
  return { allocated: of('allocated'), beforeFailure: of('beforeFailure') }
}

function pack(nodes: GpuNode[], tasks: GpuTask[], seed: number, packer: Packer): PackingOutcome {
  const random = seeded(seed)
  const total = nodes.reduce((sum, { cards }) => sum + cards * 1_000, 0)
  let asked = 0
  let allocated = 0
  let beforeFailure: number | undefined
  while (asked < load * total)
    for (const task of shuffled(tasks, random)) {
      if (asked >= load * total) break
      const gpuMilli = gpuMilliOf(task)
      asked += gpuMilli
      if (packer.place(task)) allocated += gpuMilli
      else beforeFailure ??= allocated
    }
  const percent = (gpuMilli: number) => (100 * gpuMilli) / total
  return { allocated: percent(allocated), beforeFailure: percent(beforeFailure ?? allocated) }
}

/** The product's own pool, which learns what is commonly asked for as it goes. */
function longshorePacker(nodes: GpuNode[]): Packer {
  const pool = new HostPool()
  for (const { id, cpuMilli, memoryMiB, cards, model } of nodes) {
    const capacity = { cpuMilli, memoryMiB, gpuMilli: cards * 1_000, diskMiB: 0 }
    pool.add({ id, capacity, cards, gpuModel: model, architecture: 'X86_64', labels: {} })
  }
  return {
    place(task) {
      const demand = demandOf(task)
      const grant = pool.choose(demand)
      if (grant) pool.take(grant, demand.resources)
      return grant !== undefined
    },
  }
}

function demandOf(task: GpuTask): Demand {
  const { cpuMilli, memoryMiB, models } = task
  const resources = { cpuMilli, memoryMiB, gpuMilli: gpuMilliOf(task), diskMiB: 0 }
  return models ? { resources, constraints: { gpuModels: models } } : { resources }
}
