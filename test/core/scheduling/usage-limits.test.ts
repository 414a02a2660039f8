import { describe, expect, it } from 'vitest'
import { useOf } from '../../../src/core/scheduling/share-usage.ts'
import { limitBroken } from '../../../src/core/scheduling/usage-limits.ts'

const use = (cpuMilli: number, gpuMilli = 0) => useOf({ cpuMilli, memoryMiB: 0, gpuMilli, diskMiB: 0 })
const held = { use: use(3_500, 1_000), attempts: 4 }

describe('a limit', () => {
  it('may be used up, and not be broken', () => {
    expect(limitBroken('it', { vcpus: 4, gpus: 2, runningJobs: 5 }, held, use(500, 1_000))).toBeUndefined()
    expect(limitBroken('it', undefined, held, use(1_000_000))).toBeUndefined()
  })

  it.each([
    [{ vcpus: 4 }, 'it may use 4 vCPU and uses 3.5; 0.75 more are wanted'],
    [{ gpus: 1 }, 'it may use 1 GPU and uses 1; 0.5 more are wanted'],
    [{ runningJobs: 4 }, 'it may run 4 at once and runs 4'],
  ])('%j says what it is when it would be broken', (limits, said) => {
    expect(limitBroken('it', limits, held, use(750, 500))).toBe(said)
  })
})
