import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Shape, shapeOf } from '../../../src/core/scheduling/demand.ts'
import { DemandMix } from '../../../src/core/scheduling/demand-mix.ts'
import { cardsByModel } from '../../../src/core/scheduling/model-demand.ts'
import { PlacementScore } from '../../../src/core/scheduling/placement-score.ts'
import { PoolSlot } from '../../../src/core/scheduling/pool-slot.ts'
import { ScoreCache } from '../../../src/core/scheduling/score-cache.ts'
import { demand, hosts } from './pool-arbitraries.ts'

describe('ScoreCache', () => {
  it('tells the scores that scoring every host anew would, whatever has been asked and has changed meanwhile', () => {
    const steps = fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.boolean()), { maxLength: 60 })
    const shapes = fc.array(demand, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(hosts, shapes, steps, (list, demands, happened) => {
        const slots: (PoolSlot | undefined)[] = []
        const mix = new DemandMix()
        const cache = new ScoreCache(slots, mix)
        const scored = new Scored(slots, mix)
        for (const host of list) {
          slots.push(new PoolSlot(slots.length, host))
          cache.changed(slots.length - 1)
        }
        for (const [whichShape, whichHost, comes] of happened) {
          const shape = cache.shape(demands[whichShape % demands.length]!)
          mix.count(shape)
          scored.expectOf(cache, shape)
          const index = whichHost % slots.length
          const slot = slots[index]
          if (!slot) slots[index] = new PoolSlot(index, list[index]!)
          else if (comes && slot.hasRoom(shape))
            slot.change(shape.demand.resources, cache.cards(shape, slot), 1)
          else if (!comes) slots[index] = undefined
          cache.changed(index)
        }
      }),
    )
  })

  it('has room for more hosts than at first', () => {
    const slots: PoolSlot[] = []
    const mix = new DemandMix()
    const cache = new ScoreCache(slots, mix)
    const scored = new Scored(slots, mix)
    const shape = shapeOf({ resources: { cpuMilli: 1, memoryMiB: 1, gpuMilli: 0, diskMiB: 0 } })
    const capacity = { cpuMilli: 10, memoryMiB: 10, gpuMilli: 0, diskMiB: 0 }
    for (let at = 0; at < 300; at++) {
      const host = { id: `${at}`, capacity, cards: 0, architecture: 'X86_64' as const, labels: {} }
      slots.push(new PoolSlot(at, host))
      cache.changed(at)
      scored.expectOf(cache, shape)
    }
  })
})

/** Scores every host anew, by how sought after models were when the mix last changed. */
class Scored {
  private readonly slots: readonly (PoolSlot | undefined)[]
  private readonly mix: DemandMix
  private version = -1
  private scarcity: ReadonlyMap<string, number> = new Map()

  constructor(slots: readonly (PoolSlot | undefined)[], mix: DemandMix) {
    this.slots = slots
    this.mix = mix
  }

  expectOf(cache: ScoreCache, shape: Shape): void {
    const { mix, slots } = this
    if (this.version !== mix.version) this.scarcity = mix.models.scarcity(cardsByModel(slots))
    this.version = mix.version
    const scores = cache.scores(shape)
    const fresh = new PlacementScore(mix.typical, this.scarcity)
    const expected = slots.map((slot) => (slot ? fresh.of(shape, slot) : Number.POSITIVE_INFINITY))
    expect(slots.map((_, at) => scores.score(at))).toEqual(expected)
    const least = Math.min(...expected)
    expect(scores.best()).toBe(least === Number.POSITIVE_INFINITY ? undefined : expected.indexOf(least))
  }
}
