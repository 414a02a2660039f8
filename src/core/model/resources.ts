import { assert } from '../assert.ts'

/** What a host offers and an attempt takes. Integers: thousandths of a vCPU, MiB, whole GPUs. */
export type Resources = { cpuMilli: number; memoryMiB: number; gpus: number }

export const noResources: Resources = { cpuMilli: 0, memoryMiB: 0, gpus: 0 }

export function addResources(a: Resources, b: Resources): Resources {
  return { cpuMilli: a.cpuMilli + b.cpuMilli, memoryMiB: a.memoryMiB + b.memoryMiB, gpus: a.gpus + b.gpus }
}

/** `a - b`; asserts that nothing goes below zero, since that would be an over-commitment. */
export function subtractResources(a: Resources, b: Resources): Resources {
  assert(fits(b, a), `resources over-committed: ${JSON.stringify(b)} out of ${JSON.stringify(a)}`)
  return { cpuMilli: a.cpuMilli - b.cpuMilli, memoryMiB: a.memoryMiB - b.memoryMiB, gpus: a.gpus - b.gpus }
}

/** Whether `wanted` fits into `free` in every dimension. */
export function fits(wanted: Resources, free: Resources): boolean {
  return wanted.cpuMilli <= free.cpuMilli && wanted.memoryMiB <= free.memoryMiB && wanted.gpus <= free.gpus
}

/** The dimensions in which `wanted` exceeds `available`, in words for a status reason. */
export function shortfall(wanted: Resources, available: Resources): string[] {
  const lacks: string[] = []
  if (wanted.cpuMilli > available.cpuMilli)
    lacks.push(`${wanted.cpuMilli / 1000} vCPU wanted, ${available.cpuMilli / 1000} available`)
  if (wanted.memoryMiB > available.memoryMiB)
    lacks.push(`${wanted.memoryMiB} MiB of memory wanted, ${available.memoryMiB} available`)
  if (wanted.gpus > available.gpus) lacks.push(`${wanted.gpus} GPU wanted, ${available.gpus} available`)
  return lacks
}
