import { type Demand, type Shape, shapeOf } from './demand.ts'
import type { DemandMix } from './demand-mix.ts'
import { cardsByModel } from './model-demand.ts'
import { PlacementScore } from './placement-score.ts'
import type { PoolSlot } from './pool-slot.ts'
import { ScoreTree } from './score-tree.ts'

/** Scores that are kept, all shapes together; 16 bytes each. */
const keptScores = 1_000_000
const mostShapes = 256

/** The scores of all hosts for one shape, as of a moment of the pool's changes. */
type Kept = { shape: Shape; tree: ScoreTree; upTo: number; mix: number }

/**
 * Scores of hosts for the shapes lately asked for. Hosts that have changed since a shape was last asked for are scored
 * anew when it is asked for again; when the mix of shapes has changed, all hosts with cards are.
 */
export class ScoreCache {
  private readonly slots: readonly (PoolSlot | undefined)[]
  private readonly mix: DemandMix
  private score: PlacementScore
  private scoredMix = 0
  private readonly kept = new Map<string, Kept>()
  private latest: Kept | undefined
  private readonly shapes = new WeakMap<Demand, Shape>()
  /** Indexes of hosts in the order of their changes; `dropped` have been let go from its front. */
  private changes: number[] = []
  private dropped = 0
  private capacity = 64
  /** For each host the last pass that scored it. */
  private marks = new Float64Array(this.capacity)
  private pass = 0

  constructor(slots: readonly (PoolSlot | undefined)[], mix: DemandMix) {
    this.slots = slots
    this.mix = mix
    this.score = this.scoreNow()
  }

  shape(demand: Demand): Shape {
    let shape = this.shapes.get(demand)
    if (!shape) {
      const made = shapeOf(demand)
      shape = this.kept.get(made.key)?.shape ?? made
      this.shapes.set(demand, shape)
    }
    return shape
  }

  /** What is free on the host, or its being chosen at all, has changed. */
  changed(index: number): void {
    const slot = this.slots[index]
    if (slot) this.score.changed(slot)
    if (index >= this.capacity) return this.grow()
    this.changes.push(index)
    if (this.changes.length < 8 * this.capacity) return
    const half = this.changes.length >> 1
    this.changes = this.changes.slice(half)
    this.dropped += half
  }

  /** The scores for a shape, as they are now. */
  scores(shape: Shape): ScoreTree {
    if (this.scoredMix !== this.mix.version) {
      this.score = this.scoreNow()
      this.scoredMix = this.mix.version
    }
    const kept = this.take(shape)
    const now = this.dropped + this.changes.length
    if (kept.mix !== this.scoredMix || kept.upTo < this.dropped) this.scoreAll(kept)
    else this.scoreChanged(kept)
    kept.upTo = now
    kept.mix = this.scoredMix
    return kept.tree
  }

  cards(shape: Shape, slot: PoolSlot): number[] {
    return this.score.cards(shape, slot)
  }

  /** By the mix, and by the cards that there are now. */
  private scoreNow(): PlacementScore {
    const { typical, models } = this.mix
    return new PlacementScore(typical, models.scarcity(cardsByModel(this.slots)))
  }

  private take(shape: Shape): Kept {
    if (this.latest?.shape.key === shape.key) return this.latest
    let kept = this.kept.get(shape.key)
    if (kept) this.kept.delete(shape.key)
    else kept = { shape, tree: new ScoreTree(this.capacity), upTo: -1, mix: -1 }
    this.kept.set(shape.key, kept)
    const most = Math.max(8, Math.min(mostShapes, Math.floor(keptScores / this.capacity)))
    if (this.kept.size > most) this.kept.delete(this.kept.keys().next().value!)
    this.latest = kept
    return kept
  }

  private scoreAll({ shape, tree, upTo, mix }: Kept): void {
    const onlyMix = upTo >= this.dropped && mix >= 0
    const marked = onlyMix ? this.markChanged(upTo) : 0
    for (const [index, slot] of this.slots.entries()) {
      if (onlyMix && slot?.host.cards === 0 && this.marks[index] !== marked) continue
      tree.set(index, slot ? this.score.of(shape, slot) : Number.POSITIVE_INFINITY)
    }
  }

  private markChanged(upTo: number): number {
    const pass = ++this.pass
    for (let at = upTo - this.dropped; at < this.changes.length; at++) this.marks[this.changes[at]!] = pass
    return pass
  }

  private scoreChanged({ shape, tree, upTo }: Kept): void {
    const { changes, marks, slots, score } = this
    const pass = ++this.pass
    for (let at = changes.length - 1; at >= upTo - this.dropped; at--) {
      const index = changes[at]!
      if (marks[index] === pass) continue
      marks[index] = pass
      const slot = slots[index]
      tree.set(index, slot ? score.of(shape, slot) : Number.POSITIVE_INFINITY)
    }
  }

  /** More hosts than there were places for: all is scored anew. */
  private grow(): void {
    while (this.capacity <= this.slots.length) this.capacity *= 2
    this.marks = new Float64Array(this.capacity)
    this.kept.clear()
    this.latest = undefined
    this.dropped += this.changes.length
    this.changes = []
  }
}
