import { assert } from '../assert.ts'
import { type Resources, wholeCard } from '../model/resources.ts'
import type { Free, PoolHost, Shape } from './demand.ts'

/** A host's place in the pool: what is taken there and what that leaves. */
export class PoolSlot implements Free {
  readonly index: number
  host: PoolHost
  open = true
  /** May be below zero where the host's offer has shrunk under what runs. */
  cpuMilli = 0
  memoryMiB = 0
  diskMiB = 0
  cards: number[] = []
  /** Cards of which nothing is taken. */
  wholeCards = 0
  /** Free thousandths of the card that has most. */
  freest = 0
  private readonly taken = { cpuMilli: 0, memoryMiB: 0, diskMiB: 0, cards: [] as number[] }

  constructor(index: number, host: PoolHost) {
    this.index = index
    this.host = host
    this.refresh()
  }

  /** Its offer has changed; what is taken stays. */
  become(host: PoolHost): void {
    this.host = host
    this.refresh()
  }

  hasRoom({ cpuMilli, memoryMiB, diskMiB, wholeCards, share }: Shape): boolean {
    return (
      cpuMilli <= this.cpuMilli &&
      memoryMiB <= this.memoryMiB &&
      diskMiB <= this.diskMiB &&
      wholeCards <= this.wholeCards &&
      share <= this.freest
    )
  }

  /** Takes resources on the cards of a grant; with a negative `sign` they are free again. */
  change(resources: Resources, cards: readonly number[], sign: 1 | -1): void {
    const { taken } = this
    taken.cpuMilli += sign * resources.cpuMilli
    taken.memoryMiB += sign * resources.memoryMiB
    taken.diskMiB += sign * resources.diskMiB
    const ofEach = Math.min(wholeCard, resources.gpuMilli)
    for (const card of cards) {
      taken.cards[card] = (taken.cards[card] ?? 0) + sign * ofEach
      assert(taken.cards[card]! >= 0, `card ${card} of host ${this.host.id} released twice`)
    }
    assert(taken.cpuMilli >= 0 && taken.memoryMiB >= 0, `host ${this.host.id} released twice`)
    this.refresh()
  }

  /** Whether more is taken than the host has. */
  get isOverCommitted(): boolean {
    return this.cpuMilli < 0 || this.memoryMiB < 0 || this.diskMiB < 0 || this.cards.some((free) => free < 0)
  }

  private refresh(): void {
    const { taken } = this
    const { capacity, cards } = this.host
    this.cpuMilli = capacity.cpuMilli - taken.cpuMilli
    this.memoryMiB = capacity.memoryMiB - taken.memoryMiB
    this.diskMiB = capacity.diskMiB - taken.diskMiB
    this.cards.length = cards
    this.wholeCards = 0
    this.freest = 0
    for (let card = 0; card < cards; card++) {
      const free = wholeCard - (taken.cards[card] ?? 0)
      this.cards[card] = free
      if (free === wholeCard) this.wholeCards++
      if (free > this.freest) this.freest = free
    }
  }
}
