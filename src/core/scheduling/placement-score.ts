import { wholeCard } from '../model/resources.ts'
import { type Shape, suits } from './demand.ts'
import type { TypicalShape } from './demand-mix.ts'
import { Fragmentation } from './fragmentation.ts'
import type { PoolSlot } from './pool-slot.ts'

/** Hosts with cards come after all others for work that wants none. */
const sparesCards = 1_000
/** Steps in which growth of fragmentation counts, of the 100 of the published score: within one the tightest host wins. */
const steps = 100
/** What a host that has all the images gains over one alike. */
const imageBonus = 1 / 64

/** How good hosts are for shapes, for one mix of typical shapes. Lower is better; Infinity: it cannot go there. */
export class PlacementScore {
  private readonly fragmentation: Fragmentation
  /** Of each host by its index: its fragmentation as it is, NaN where it must be computed. */
  private readonly present: number[] = []
  private readonly after: number[] = []

  constructor(typical: TypicalShape[]) {
    this.fragmentation = new Fragmentation(typical)
  }

  /** What is free on the host has changed. */
  changed(slot: PoolSlot): void {
    this.present[slot.index] = Number.NaN
  }

  of(shape: Shape, slot: PoolSlot): number {
    if (!slot.open || !slot.hasRoom(shape) || !suits(slot.host, shape)) return Number.POSITIVE_INFINITY
    const near = locality(shape, slot)
    if (slot.host.cards === 0) return tightness(shape, slot) - near
    const spared = shape.wholeCards + shape.share === 0 ? sparesCards : 0
    return spared + this.onCards(shape, slot, this.bestCard(shape, slot)) - near
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

  private onCards(shape: Shape, slot: PoolSlot, card: number): number {
    const after = this.cardsAfter(shape, slot, card)
    const cpuMilli = slot.cpuMilli - shape.cpuMilli
    const memoryMiB = slot.memoryMiB - shape.memoryMiB
    let present = this.present[slot.index]
    if (present === undefined || Number.isNaN(present)) {
      present = this.fragmentation.of(slot, slot.cpuMilli, slot.memoryMiB, slot.cards)
      this.present[slot.index] = present
    }
    const growth = this.fragmentation.of(slot, cpuMilli, memoryMiB, after) - present
    const step = steps - Math.floor(steps / (1 + Math.exp(growth / wholeCard)))
    const cardLeft = card >= 0 ? after[card]! / wholeCard : 0
    return step + tightness(shape, slot) / 2 + cardLeft / 64
  }

  private cardsAfter({ share, wholeCards }: Shape, { cards }: PoolSlot, card: number): readonly number[] {
    if (share + wholeCards === 0) return cards
    const { after } = this
    after.length = cards.length
    let whole = wholeCards
    for (let i = 0; i < cards.length; i++) {
      after[i] = cards[i]!
      if (whole > 0 && cards[i] === wholeCard) {
        after[i] = 0
        whole--
      }
    }
    if (card >= 0) after[card]! -= share
    return after
  }
}

/** What is left over, absolute so that small hosts fill first: 0 nothing, 1 a large host. */
function tightness(shape: Shape, slot: PoolSlot): number {
  const { capacity } = slot.host
  const cpu = (slot.cpuMilli - shape.cpuMilli) / Math.max(1, capacity.cpuMilli)
  const memory = (slot.memoryMiB - shape.memoryMiB) / Math.max(1, capacity.memoryMiB)
  return (cpu + memory) / 2
}

function locality({ demand: { images } }: Shape, { host }: PoolSlot): number {
  if (!images || !host.images) return 0
  let found = 0
  for (const image of images) if (host.images.has(image)) found++
  return (imageBonus * found) / Math.max(1, images.length)
}
