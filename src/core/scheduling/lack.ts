import { type Resources, wholeCard } from '../model/resources.ts'

/** What one host is short of for an attempt. VCPU and GPU in units (fractions are possible), MEMORY and DISK in MiB. */
export type Lack = {
  what: 'VCPU' | 'MEMORY' | 'GPU' | 'DISK' | 'ARCHITECTURE' | 'GPU_MODEL' | 'LABEL'
  wanted: number | string
  available: number | string
}

/** The additive dimensions in which `wanted` exceeds `available`. */
export function lacks(wanted: Resources, available: Resources): Lack[] {
  const all: Lack[] = [
    { what: 'VCPU', wanted: wanted.cpuMilli / 1000, available: available.cpuMilli / 1000 },
    { what: 'MEMORY', wanted: wanted.memoryMiB, available: available.memoryMiB },
    { what: 'GPU', wanted: wanted.gpuMilli / wholeCard, available: available.gpuMilli / wholeCard },
    { what: 'DISK', wanted: wanted.diskMiB, available: available.diskMiB },
  ]
  return all.filter((lack) => lack.wanted > lack.available)
}
