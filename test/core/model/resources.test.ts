import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addResources,
  fits,
  noResources,
  type Resources,
  resourcesOf,
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

  it('can be taken away exactly where they fit', () => {
    fc.assert(
      fc.property(resources, resources, (wanted, free) => {
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
