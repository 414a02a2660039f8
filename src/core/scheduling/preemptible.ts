import type { Resources } from '../model/resources.ts'

/** What an attempt has of its host. `cards`: indexes of its GPUs. */
export type Part = { readonly host: string; readonly resources: Resources; readonly cards: readonly number[] }

/**
 * An attempt that may be told to make room, with the others of its gang, which end with it: a part each. `priority`: of
 * its queue. `since`: when it was placed, epoch ms. `share`: the one it is of, if it is for having too much, and what it
 * counts there.
 */
export type Preemptible = {
  readonly id: string
  readonly priority: number
  readonly since: number
  readonly parts: readonly Part[]
  readonly share?: { readonly id: number; readonly cost: number }
}

/** The least loss first. */
export function byLoss(a: Preemptible, b: Preemptible): number {
  return a.parts.length - b.parts.length || a.priority - b.priority || b.since - a.since
}

/** What it has, in thousandths of a GPU or vCPU or 4 MiB, GPUs before all. */
export function sizeOf({ parts }: Preemptible): number {
  const sizes = parts.map(
    ({ resources: { gpuMilli, cpuMilli, memoryMiB } }) => gpuMilli * 1e6 + cpuMilli + memoryMiB / 4,
  )
  return sizes.reduce((sum, one) => sum + one, 0)
}
