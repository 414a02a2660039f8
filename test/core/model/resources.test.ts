import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addResources,
  fits,
  noResources,
  type Resources,
  resourcesOf,
  shortfall,
  subtractResources,
} from '../../../src/core/model/resources.ts'

const resources: fc.Arbitrary<Resources> = fc.record({
  cpuMilli: fc.nat(64_000),
  memoryMiB: fc.nat(1_000_000),
  gpuMilli: fc.nat(8_000),
  diskMiB: fc.nat(1_000),
})

describe('resources', () => {
  it('that were added can be taken away again', () => {
    fc.assert(
      fc.property(resources, resources, (a, b) => {
        expect(subtractResources(addResources(a, b), b)).toEqual(a)
        expect(addResources(a, noResources)).toEqual(a)
      }),
    )
  })

  it('can be taken away exactly where they fit, and say what they lack elsewhere', () => {
    fc.assert(
      fc.property(resources, resources, (wanted, free) => {
        expect(shortfall(wanted, free).length > 0).toBe(!fits(wanted, free))
        if (fits(wanted, free)) expect(fits(subtractResources(free, wanted), free)).toBe(true)
        else expect(() => subtractResources(free, wanted)).toThrow('over-committed')
      }),
    )
  })
})

describe('resourcesOf', () => {
  it('reads whole GPUs as they were once written, and takes what is not there for none', () => {
    expect(resourcesOf({ cpuMilli: 1, memoryMiB: 2, gpus: 3 })).toEqual({
      cpuMilli: 1,
      memoryMiB: 2,
      gpuMilli: 3_000,
      diskMiB: 0,
    })
    const today = { cpuMilli: 1, memoryMiB: 2, gpuMilli: 500, diskMiB: 4 }
    expect(resourcesOf(today)).toEqual(today)
  })
})

describe('shortfall', () => {
  it('names every dimension that is short, in vCPUs, MiB and GPUs with their fractions', () => {
    const wanted = { cpuMilli: 2_500, memoryMiB: 4_096, gpuMilli: 1_500, diskMiB: 64 }
    expect(shortfall(wanted, { cpuMilli: 2_000, memoryMiB: 2_048, gpuMilli: 1_000, diskMiB: 0 })).toEqual([
      '2.5 vCPU wanted, 2 available',
      '4096 MiB of memory wanted, 2048 available',
      '1.5 GPU wanted, 1 available',
      '64 MiB of disk wanted, 0 available',
    ])
    expect(shortfall(wanted, wanted)).toEqual([])
  })
})
