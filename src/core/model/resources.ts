import { assert } from '../assert.ts'

/**
 * What a host offers and an attempt takes, as integers: thousandths of a vCPU, MiB of memory, thousandths of a GPU (1,000
 * are a whole card), MiB of disk (0: unknown, or none asked for).
 */
export type Resources = { cpuMilli: number; memoryMiB: number; gpuMilli: number; diskMiB: number }

/** Resources as they were written before GPUs had fractions: `gpus` whole ones. */
type StoredResources = { [member in keyof Resources | 'gpus']?: number | undefined }

/** `gpuMilli` of a whole card. */
export const wholeCard = 1000

export const noResources: Resources = { cpuMilli: 0, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }

export const dimensions = ['cpuMilli', 'memoryMiB', 'gpuMilli', 'diskMiB'] as const

/** Resources of any age in today's form. */
export function resourcesOf(stored: StoredResources): Resources {
  const { gpus = 0, cpuMilli = 0, memoryMiB = 0, gpuMilli = gpus * wholeCard, diskMiB = 0 } = stored
  return { cpuMilli, memoryMiB, gpuMilli, diskMiB }
}

export function addResources(a: Resources, b: Resources): Resources {
  return {
    cpuMilli: a.cpuMilli + b.cpuMilli,
    memoryMiB: a.memoryMiB + b.memoryMiB,
    gpuMilli: a.gpuMilli + b.gpuMilli,
    diskMiB: a.diskMiB + b.diskMiB,
  }
}

/** `a - b`; asserts that nothing goes below zero, since that would be an over-commitment. */
export function subtractResources(a: Resources, b: Resources): Resources {
  assert(fits(b, a), `resources over-committed: ${JSON.stringify(b)} out of ${JSON.stringify(a)}`)
  return {
    cpuMilli: a.cpuMilli - b.cpuMilli,
    memoryMiB: a.memoryMiB - b.memoryMiB,
    gpuMilli: a.gpuMilli - b.gpuMilli,
    diskMiB: a.diskMiB - b.diskMiB,
  }
}

/** Whether `wanted` fits into `free` in every dimension. */
export function fits(wanted: Resources, free: Resources): boolean {
  return dimensions.every((dimension) => wanted[dimension] <= free[dimension])
}
