import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addResources,
  fits,
  noResources,
  type Resources,
  shortfall,
  subtractResources,
} from '../../../src/core/model/resources.ts'

const resources: fc.Arbitrary<Resources> = fc.record({
  cpuMilli: fc.nat(64_000),
  memoryMiB: fc.nat(1_000_000),
  gpus: fc.nat(8),
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

describe('shortfall', () => {
  it('names every dimension that is short, in vCPUs, MiB and GPUs', () => {
    const wanted = { cpuMilli: 2_500, memoryMiB: 4_096, gpus: 1 }
    expect(shortfall(wanted, { cpuMilli: 2_000, memoryMiB: 2_048, gpus: 0 })).toEqual([
      '2.5 vCPU wanted, 2 available',
      '4096 MiB of memory wanted, 2048 available',
      '1 GPU wanted, 0 available',
    ])
    expect(shortfall(wanted, wanted)).toEqual([])
  })
})
