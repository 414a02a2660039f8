/** What one host is short of for an attempt. VCPU and GPU in units (fractions are possible), MEMORY and DISK in MiB. */
export type Lack = {
  what: 'VCPU' | 'MEMORY' | 'GPU' | 'DISK' | 'ARCHITECTURE' | 'GPU_MODEL' | 'LABEL'
  wanted: number | string
  available: number | string
}
