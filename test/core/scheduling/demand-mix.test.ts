import { describe, expect, it } from 'vitest'
import { shapeOf } from '../../../src/core/scheduling/demand.ts'
import { DemandMix } from '../../../src/core/scheduling/demand-mix.ts'

const shape = (cpuMilli: number, gpuMilli = 0) =>
  shapeOf({ resources: { cpuMilli, memoryMiB: 1, gpuMilli, diskMiB: 0 } })

function counted(mix: DemandMix, times: number, ...shapes: ReturnType<typeof shape>[]): DemandMix {
  for (let time = 0; time < times; time++) for (const one of shapes) mix.count(one)
  return mix
}

const weights = (mix: DemandMix) => mix.typical.map(({ shape: { key }, weight }) => [key, weight] as const)

describe('DemandMix', () => {
  it('weighs shapes by how often they are asked for, and by the GPUs they want', () => {
    const mix = counted(new DemandMix(), 512, shape(1_000), shape(1_000), shape(2_000, 1_000))
    const [[first, most], [second, less]] = weights(mix) as [[string, number], [string, number]]
    expect([first, second]).toEqual([shape(2_000, 1_000).key, shape(1_000).key])
    expect(most).toBeCloseTo(4 / 6, 1)
    expect(most + less).toBeCloseTo(1)
  })

  it('stays as it is while what is asked for hardly changes', () => {
    const mix = counted(new DemandMix(), 2_048, shape(1_000), shape(2_000))
    const { version } = mix
    counted(mix, 10_000, shape(1_000), shape(2_000))
    expect(mix.version).toBe(version)
  })

  it('forgets what is not asked for any more', () => {
    const mix = counted(counted(new DemandMix(), 5_000, shape(1_000)), 200_000, shape(2_000))
    expect(weights(mix).map(([key]) => key)).toEqual([shape(2_000).key])
  })

  it('keeps a bounded number of shapes, however many there are', () => {
    const mix = new DemandMix()
    for (let one = 0; one < 20_000; one++) counted(mix, 1, shape(one % 5_000), shape(7, 500))
    expect(mix.typical.length).toBeLessThanOrEqual(96)
    expect(weights(mix)[0]![0]).toBe(shape(7, 500).key)
  })
})
