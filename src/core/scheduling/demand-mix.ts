import { wholeCard } from '../model/resources.ts'
import type { Shape } from './demand.ts'
import { ModelDemand } from './model-demand.ts'

/** Shapes that are counted, and those of them that placing looks at. */
const countedShapes = 512
const typicalShapes = 96
/** Of what is asked for, how much the typical shapes are to stand for. */
const typicalPart = 0.95
/** A shape stands for its GPUs beside the demand itself: what is lost to few large jobs is as bad as to many small ones. */
const worthOfGpu = 3
/** After so many demands those before count half. */
const halving = 16_384
/** The mix is looked at anew after so many demands, and while it is young whenever it has doubled. */
const reviewEvery = 1_024
/** What share of the demands must have changed for the mix to be another one. */
const material = 0.05

/** One typical shape: what part of all demands it stands for, and what it needs. */
export type TypicalShape = { weight: number; shape: Shape; models: readonly string[] | undefined }

/**
 * What has lately been asked for, by shape: a bounded count that forgets by halves, and the commonest shapes of it as
 * placing uses them, which change only when the mix has done so materially.
 */
export class DemandMix {
  /** Changes with `typical`. */
  version = 0
  typical: TypicalShape[] = []
  /** Which models of GPUs are asked for by name. */
  readonly models = new ModelDemand()
  private readonly counts = new Map<string, { shape: Shape; count: number }>()
  private seen = 0
  private reviewAt = 1

  count(shape: Shape): void {
    const entry = this.counts.get(shape.key)
    if (entry) entry.count++
    else this.counts.set(shape.key, { shape, count: 1 })
    if (this.counts.size > countedShapes) this.forgetRare()
    this.models.count(shape)
    if (++this.seen % halving === 0) this.halve()
    if (this.seen < this.reviewAt) return
    this.reviewAt = this.seen + Math.min(this.seen, reviewEvery)
    this.review()
  }

  private halve(): void {
    for (const one of this.counts.values()) one.count /= 2
    this.models.halve()
  }

  private forgetRare(): void {
    const all = [...this.counts.entries()].sort(([, a], [, b]) => b.count - a.count)
    for (const [key] of all.slice(countedShapes / 2)) this.counts.delete(key)
  }

  private review(): void {
    const all = [...this.counts.values()]
      .map(({ shape, count }) => ({ shape, worth: count * (1 + worthOfGpu * gpusOf(shape)) }))
      .sort((a, b) => b.worth - a.worth || compare(a.shape, b.shape))
    const total = all.reduce((sum, { worth }) => sum + worth, 0)
    const typical: TypicalShape[] = []
    let covered = 0
    for (const { shape, worth } of all.slice(0, typicalShapes)) {
      if (covered >= typicalPart * total) break
      covered += worth
      typical.push({ weight: worth, shape, models: shape.demand.constraints?.gpuModels })
    }
    for (const one of typical) one.weight /= covered
    if (distance(this.typical, typical) < material) return
    this.typical = typical
    this.version++
  }
}

/** Half the sum of the differences of two mixes: 0 for the same, 1 for strangers. */
function distance(before: TypicalShape[], after: TypicalShape[]): number {
  const weights = new Map(before.map(({ shape, weight }) => [shape.key, weight]))
  let sum = 0
  for (const { shape, weight } of after) {
    sum += Math.abs(weight - (weights.get(shape.key) ?? 0))
    weights.delete(shape.key)
  }
  for (const weight of weights.values()) sum += weight
  return sum / 2
}

function gpusOf({ wholeCards, share }: Shape): number {
  return wholeCards + share / wholeCard
}

function compare(a: Shape, b: Shape): number {
  return gpusOf(b) - gpusOf(a) || b.cpuMilli - a.cpuMilli || (a.key < b.key ? -1 : 1)
}
