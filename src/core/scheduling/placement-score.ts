import { wholeCard } from '../model/resources.ts'
import { type Shape, suits } from './demand.ts'
import type { TypicalShape } from './demand-mix.ts'
import { Fragmentation } from './fragmentation.ts'
import type { PoolSlot } from './pool-slot.ts'

/** Hosts with cards come after all others for work that wants none. */
const sparesCards = 1_000
/** What being left over weighs beside a whole card that becomes useless: it decides where that is the same. */
export const leftOverWeight = { cpuMilli: 0.05 / 128_000, memoryMiB: 0.05 / 524_288, gpuMilli: 0.05 / 8_000 }

/**
 * What taking a card weighs, for each unit of how sought after its model is, beside a whole card that becomes useless: enough
 * to leave models that some work must have to that work while there are others (`npm run bench -- --only gpu`, gpuspec10).
 */
const scarcityWeight = 2

/** How good hosts are for shapes, for one mix of typical shapes. Lower is better; Infinity: it cannot go there. */
export class PlacementScore {
  private readonly fragmentation: Fragmentation
  /** Of each host by its index: its fragmentation as it is, NaN where it must be computed. */
  private readonly present: number[] = []
  private readonly left = { cpuMilli: 0, memoryMiB: 0, cards: [] as number[] }

  /** How sought after models of GPUs are. */
  private readonly scarcity: ReadonlyMap<string, number>

  constructor(typical: TypicalShape[], scarcity: ReadonlyMap<string, number>) {
    this.fragmentation = new Fragmentation(typical)
    this.scarcity = scarcity
  }

  /** What is free on the host has changed. */
  changed(slot: PoolSlot): void {
    this.present[slot.index] = Number.NaN
  }

  of(shape: Shape, slot: PoolSlot): number {
    if (!slot.open || !slot.hasRoom(shape) || !suits(slot.host, shape)) return Number.POSITIVE_INFINITY
    if (slot.host.cards === 0) return this.leftOver(shape, slot)
    const spared = shape.wholeCards + shape.share === 0 ? sparesCards : 0
    return spared + this.onCards(shape, slot, this.bestCard(shape, slot))
  }

  /** The cards an attempt gets on a host where it fits: the one whose sharing is best, or the first whole ones. */
  cards(shape: Shape, slot: PoolSlot): number[] {
    if (shape.share > 0) return [this.bestCard(shape, slot)]
    const whole: number[] = []
    for (let card = 0; whole.length < shape.wholeCards; card++)
      if (slot.cards[card] === wholeCard) whole.push(card)
    return whole
  }

  /** The card for a share of one; -1 for whole cards, of which any are as good. */
  private bestCard(shape: Shape, slot: PoolSlot): number {
    if (shape.share === 0) return -1
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let card = 0; card < slot.cards.length; card++) {
      const free = slot.cards[card]!
      if (free < shape.share || slot.cards.indexOf(free) < card) continue
      const score = this.onCards(shape, slot, card)
      if (score < least) {
        least = score
        best = card
      }
    }
    return best
  }

  /** By how many cards idle GPU of no use grows, how sought after those are that it takes, and what is left over. */
  private onCards(shape: Shape, slot: PoolSlot, card: number): number {
    this.leave(shape, slot, card)
    let present = this.present[slot.index]
    if (present === undefined || Number.isNaN(present)) {
      present = this.fragmentation.of(slot.host, slot)
      this.present[slot.index] = present
    }
    const growth = this.fragmentation.of(slot.host, this.left) - present
    const sought = this.scarcity.get(slot.host.gpuModel ?? '') ?? 0
    const taken = shape.wholeCards + shape.share / wholeCard
    return growth / wholeCard + scarcityWeight * sought * taken + this.leftOver(shape, slot)
  }

  private leave(shape: Shape, { cpuMilli, memoryMiB, cards }: PoolSlot, card: number): void {
    const { left } = this
    left.cpuMilli = cpuMilli - shape.cpuMilli
    left.memoryMiB = memoryMiB - shape.memoryMiB
    left.cards.length = cards.length
    let whole = shape.wholeCards
    for (let at = 0; at < cards.length; at++) {
      const isTaken = whole > 0 && cards[at] === wholeCard
      left.cards[at] = isTaken ? 0 : cards[at]!
      if (isTaken) whole--
    }
    if (card >= 0) left.cards[card]! -= shape.share
  }

  /** Amounts, not parts of the host, so that small hosts fill first and large ones stay whole. */
  private leftOver(shape: Shape, slot: PoolSlot): number {
    let idle = -shape.wholeCards * wholeCard - shape.share
    for (const free of slot.cards) idle += free
    return (
      (slot.cpuMilli - shape.cpuMilli) * leftOverWeight.cpuMilli +
      (slot.memoryMiB - shape.memoryMiB) * leftOverWeight.memoryMiB +
      idle * leftOverWeight.gpuMilli
    )
  }
}
