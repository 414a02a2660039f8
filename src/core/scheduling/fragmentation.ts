import { wholeCard } from '../model/resources.ts'
import type { PoolHost } from './demand.ts'
import type { TypicalShape } from './demand-mix.ts'

/** Shapes that need the same of the cards: `least` thousandths of each of `count`. */
type CardNeed = { least: number; count: number }

/** What is left of a host, or would be. */
export type Left = { cpuMilli: number; memoryMiB: number; cards: readonly number[] }

/**
 * How much of a host's idle GPU is of no use to the typical shapes, in thousandths of a card. Two parts, for the next task
 * and for all that are to come:
 *
 *  - What the next one could not use (Weng et al., "Beware of Fragmentation", ATC '23): the sum over the shapes of their
 *    part of the demand times, where a shape does not fit or wants no GPU, all that is idle, and else what is idle on
 *    cards that have less left than it asks.
 *  - What would be left idle for want of CPU or memory if all of it were used by the shapes as they come on average. The
 *    first part does not see that before the last task has no room any more.
 */
export class Fragmentation {
  private readonly typical: TypicalShape[]
  private readonly needs: CardNeed[] = []
  /** Of each shape: which need of cards, -1 none; its part of the demand; what else it takes. */
  private readonly needOf: Int32Array
  private readonly weight: Float64Array
  private readonly cpuMilli: Float64Array
  private readonly memoryMiB: Float64Array
  /** By model of the cards, which shapes may run on them. */
  private readonly allowedOn = new Map<string | undefined, Uint8Array>()
  /** What the shapes take on average with each thousandth of a card. */
  private readonly perGpu: { cpuMilli: number; memoryMiB: number }
  /** For each need, what of the idle GPU it cannot use; of the host that is looked at. */
  private readonly lost: Float64Array

  constructor(typical: TypicalShape[]) {
    this.typical = typical
    this.weight = Float64Array.from(typical, ({ weight }) => weight)
    this.cpuMilli = Float64Array.from(typical, ({ shape }) => shape.cpuMilli)
    this.memoryMiB = Float64Array.from(typical, ({ shape }) => shape.memoryMiB)
    this.needOf = Int32Array.from(typical, ({ shape: { wholeCards, share } }) => {
      if (wholeCards > 0) return this.need(wholeCard, wholeCards)
      return share > 0 ? this.need(share, 1) : -1
    })
    this.lost = new Float64Array(this.needs.length)
    this.perGpu = perGpu(typical)
  }

  of(host: PoolHost, left: Left): number {
    let idle = 0
    for (const free of left.cards) if (free > 0) idle += free
    return idle === 0 ? 0 : this.unusable(host, left, idle) + this.stranded(left, idle)
  }

  private unusable(host: PoolHost, { cpuMilli, memoryMiB, cards }: Left, idle: number): number {
    this.loseOn(cards, idle)
    const allowed = this.allowed(host.gpuModel)
    let sum = 0
    for (let i = 0; i < this.weight.length; i++) {
      const need = this.needOf[i]!
      const fits =
        need >= 0 && allowed[i] === 1 && this.cpuMilli[i]! <= cpuMilli && this.memoryMiB[i]! <= memoryMiB
      sum += this.weight[i]! * (fits ? this.lost[need]! : idle)
    }
    return sum
  }

  private stranded({ cpuMilli, memoryMiB }: Left, idle: number): number {
    const { perGpu } = this
    const usable = Math.min(enoughFor(cpuMilli, perGpu.cpuMilli), enoughFor(memoryMiB, perGpu.memoryMiB))
    return Math.max(0, idle - usable)
  }

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

/** Nothing where nobody asks for GPUs: then none is stranded. */
function perGpu(typical: TypicalShape[]): { cpuMilli: number; memoryMiB: number } {
  let gpuMilli = 0
  let cpuMilli = 0
  let memoryMiB = 0
  for (const { shape, weight } of typical) {
    const asked = shape.wholeCards * wholeCard + shape.share
    if (asked === 0) continue
    gpuMilli += weight * asked
    cpuMilli += weight * shape.cpuMilli
    memoryMiB += weight * shape.memoryMiB
  }
  if (gpuMilli === 0) return { cpuMilli: 0, memoryMiB: 0 }
  return { cpuMilli: cpuMilli / gpuMilli, memoryMiB: memoryMiB / gpuMilli }
}

function enoughFor(amount: number, perGpu: number): number {
  return perGpu === 0 ? Number.POSITIVE_INFINITY : amount / perGpu
}
