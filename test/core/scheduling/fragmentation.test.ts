import { describe, expect, it } from 'vitest'
import { type PoolHost, shapeOf } from '../../../src/core/scheduling/demand.ts'
import type { TypicalShape } from '../../../src/core/scheduling/demand-mix.ts'
import { Fragmentation } from '../../../src/core/scheduling/fragmentation.ts'

const host: PoolHost = {
  id: 'host',
  capacity: { cpuMilli: 16_000, memoryMiB: 64_000, gpuMilli: 2_000, diskMiB: 0 },
  cards: 2,
  gpuModel: 'T4',
  architecture: 'X86_64',
  labels: {},
}

function typical(weight: number, cpuMilli: number, gpuMilli: number, models?: string[]): TypicalShape {
  const demand = { resources: { cpuMilli, memoryMiB: 0, gpuMilli, diskMiB: 0 } }
  return { weight, shape: shapeOf(demand), models }
}

const left = (cpuMilli: number, ...cards: number[]) => ({ cpuMilli, memoryMiB: 64_000, cards })

describe('Fragmentation', () => {
  it('is none while every shape can use all that is idle', () => {
    expect(new Fragmentation([typical(1, 1_000, 500)]).of(host, left(16_000, 1_000, 500))).toBe(0)
  })

  it('counts what is idle on cards that have less left than a shape asks, by its part of the demand', () => {
    const mix = new Fragmentation([typical(0.5, 0, 700), typical(0.5, 0, 200)])
    expect(mix.of(host, left(0, 1_000, 300))).toBeCloseTo(0.5 * 300)
    expect(mix.of(host, left(0, 300, 300))).toBeCloseTo(0.5 * 600)
    expect(new Fragmentation([typical(1, 0, 2_000)]).of(host, left(0, 1_000, 300))).toBe(1_300)
  })

  it('counts all that is idle for a shape that wants no GPU, or another model', () => {
    const mix = new Fragmentation([typical(0.25, 0, 0), typical(0.25, 0, 500, ['A10']), typical(0.5, 0, 500)])
    expect(mix.of(host, left(0, 1_000, 1_000))).toBeCloseTo(0.5 * 2_000)
  })

  it('counts beside what the next could not use what all to come would leave idle for want of CPU', () => {
    const mix = new Fragmentation([typical(1, 4_000, 1_000)])
    expect(mix.of(host, left(8_000, 1_000, 1_000))).toBe(0)
    expect(mix.of(host, left(6_000, 1_000, 1_000))).toBeCloseTo(500)
    expect(mix.of(host, left(3_000, 1_000, 1_000))).toBeCloseTo(2_000 + 1_250)
  })

  it('is none where nothing is idle', () => {
    expect(new Fragmentation([]).of(host, left(0, 0, 0))).toBe(0)
  })
})
