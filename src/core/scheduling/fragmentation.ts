import { wholeCard } from '../model/resources.ts'
import type { TypicalShape } from './demand-mix.ts'
import type { PoolSlot } from './pool-slot.ts'

/** Shapes that need the same of the cards: `least` thousandths of each of `count`. */
type CardNeed = { least: number; count: number }

/**
 * How much of a host's idle GPU the typical shapes could not use (Weng et al., "Beware of Fragmentation", ATC '23): the sum
 * over the shapes of their share times, where a shape does not fit or wants no GPU, all that is idle, and else what is
 * idle on cards that have less left than it asks. In thousandths of a card.
 */
export class Fragmentation {
  private readonly needs: CardNeed[] = []
  private readonly needOf: Int32Array
  private readonly weight: Float64Array
  private readonly cpuMilli: Float64Array
  private readonly memoryMiB: Float64Array
  private readonly typical: TypicalShape[]
  /** What of the weight wants no GPU. */
  private readonly allowedOn = new Map<string | undefined, Uint8Array>()
  private readonly lost: Float64Array

  constructor(typical: TypicalShape[]) {
    this.typical = typical
    this.weight = Float64Array.from(typical, ({ weight }) => weight)
    this.cpuMilli = Float64Array.from(typical, ({ shape }) => shape.cpuMilli)
    this.memoryMiB = Float64Array.from(typical, ({ shape }) => shape.memoryMiB)
    this.needOf = Int32Array.from(typical, ({ shape: { wholeCards, share } }) =>
      wholeCards > 0 ? this.need(wholeCard, wholeCards) : share > 0 ? this.need(share, 1) : -1,
    )
    this.lost = new Float64Array(this.needs.length)
  }

  /** Of the host with so much CPU and memory left and, instead of what is free of card `card`, `left`. */
  of(slot: PoolSlot, cpuMilli: number, memoryMiB: number, cards: readonly number[]): number {
    let idle = 0
    for (const free of cards) if (free > 0) idle += free
    if (idle === 0) return 0
    this.loseOn(cards, idle)
    const allowed = this.allowed(slot.host.gpuModel)
    let sum = 0
    for (let i = 0; i < this.weight.length; i++) {
      const need = this.needOf[i]!
      const fits =
        need >= 0 && allowed[i] === 1 && this.cpuMilli[i]! <= cpuMilli && this.memoryMiB[i]! <= memoryMiB
      sum += this.weight[i]! * (fits ? this.lost[need]! : idle)
    }
    return sum
  }

  /** For each need of cards, what of the idle GPU it cannot use. */
  private loseOn(cards: readonly number[], idle: number): void {
    for (let n = 0; n < this.needs.length; n++) {
      const { least, count } = this.needs[n]!
      let fitting = 0
      let lost = 0
      for (const free of cards) {
        if (free >= least) fitting++
        else if (free > 0) lost += free
      }
      this.lost[n] = fitting >= count ? lost : idle
    }
  }

  private need(least: number, count: number): number {
    const known = this.needs.findIndex((need) => need.least === least && need.count === count)
    return known >= 0 ? known : this.needs.push({ least, count }) - 1
  }

  private allowed(model: string | undefined): Uint8Array {
    let allowed = this.allowedOn.get(model)
    if (!allowed) {
      allowed = Uint8Array.from(this.typical, ({ models }) => +(!models || models.includes(model ?? '')))
      this.allowedOn.set(model, allowed)
    }
    return allowed
  }
}
