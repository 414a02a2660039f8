import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fargateFault } from '../../../src/core/model/fargate-size.ts'

const needs = (vcpu: number, memoryMiB: number) => ({
  resourceRequirements: [
    { type: 'VCPU' as const, value: String(vcpu) },
    { type: 'MEMORY' as const, value: String(memoryMiB) },
  ],
})

describe('fargateFault', () => {
  it.each([
    [0.25, 512],
    [0.5, 4096],
    [1, 2048],
    [2, 16384],
    [4, 30720],
    [8, 20480],
    [16, 122880],
    [32, 249856],
  ])('is none of %d vCPU with %d MiB, however they are shared among containers', (vcpu, memoryMiB) => {
    const shares = fc.uniqueArray(fc.integer({ min: 1, max: 249 }), { maxLength: 9 })
    fc.assert(
      fc.property(shares, (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), vcpu * 1000]
        const containers = ends.map((end, at) => {
          const cpuMilli = end - (ends[at - 1] ?? 0)
          return needs(cpuMilli / 1000, at === 0 ? memoryMiB - 4 * cuts.length : 4)
        })
        expect(fargateFault(containers)).toBeUndefined()
      }),
    )
  })

  it.each([
    [[needs(1, 2048), needs(0.25, 512)], undefined, '(1.25 vCPU) not valid'],
    [[needs(8, 17408)], undefined, '(8.00 vCPU, 17408 MiB) not valid'],
    [[needs(32, 65536)], undefined, 'MEMORY must be one of 61440, 122880, 249856 for 32 VCPU'],
    [[], undefined, '(0.00 vCPU) not valid'],
    [[needs(1, 2048), {}], 1, 'VCPU and MEMORY are required'],
  ])('of %j is told', (containers, container, rule) => {
    const at = container === undefined ? {} : { container }
    expect(fargateFault(containers)).toEqual({ ...at, rule: expect.stringContaining(rule) })
  })
})
