/** What one host is short of for an attempt. VCPU and GPU in units (fractions are possible), MEMORY and DISK in MiB. */
export type Lack = {
  what: 'VCPU' | 'MEMORY' | 'GPU' | 'DISK' | 'ARCHITECTURE' | 'GPU_MODEL' | 'LABEL'
  wanted: number | string
  available: number | string
}

/** In words, for a status reason. */
export function describeLack({ what, wanted, available }: Lack): string {
  const units = { VCPU: ' vCPU', MEMORY: ' MiB of memory', GPU: ' GPU', DISK: ' MiB of disk' }
  if (what in units) return `${wanted}${units[what as keyof typeof units]} wanted, ${available} available`
  return `${what.toLowerCase().replace('_', ' ')} ${wanted} wanted, ${available} available`
}
