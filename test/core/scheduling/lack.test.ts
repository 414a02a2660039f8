import { describe, expect, it } from 'vitest'
import { describeLack } from '../../../src/core/scheduling/lack.ts'

describe('describeLack', () => {
  it('says amounts in vCPUs, MiB and GPUs with their fractions, and kinds by their names', () => {
    expect(describeLack({ what: 'VCPU', wanted: 2.5, available: 2 })).toBe('2.5 vCPU wanted, 2 available')
    expect(describeLack({ what: 'MEMORY', wanted: 4096, available: 0 })).toBe(
      '4096 MiB of memory wanted, 0 available',
    )
    expect(describeLack({ what: 'GPU', wanted: 1.5, available: 1 })).toBe('1.5 GPU wanted, 1 available')
    expect(describeLack({ what: 'DISK', wanted: 64, available: 1 })).toBe(
      '64 MiB of disk wanted, 1 available',
    )
    expect(describeLack({ what: 'GPU_MODEL', wanted: 'H100', available: 'none' })).toBe(
      'gpu model H100 wanted, none available',
    )
  })
})
