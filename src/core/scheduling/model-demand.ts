import { wholeCard } from '../model/resources.ts'
import type { PoolHost, Shape } from './demand.ts'

/** Sets of models that are counted. */
const countedSets = 256
/** So many GPUs of each model are taken to have been asked for by name before anybody asks: rare models are spared at first. */
const askedBefore = 8

/** How many cards of each model there are. */
export function cardsByModel(slots: Iterable<{ host: PoolHost } | undefined>): Map<string, number> {
  const supply = new Map<string, number>()
  for (const slot of slots) {
    const { cards = 0, gpuModel } = slot?.host ?? {}
    if (cards > 0 && gpuModel !== undefined) supply.set(gpuModel, (supply.get(gpuModel) ?? 0) + cards)
  }
  return supply
}

/** GPUs asked for, and those of them that must be of certain models. */
export class ModelDemand {
  private readonly sets = new Map<string, { models: readonly string[]; gpus: number }>()
  private gpus = 0

  count({ wholeCards, share, demand: { constraints } }: Shape): void {
    const gpus = wholeCards + share / wholeCard
    if (gpus === 0) return
    this.gpus += gpus
    if (!constraints?.gpuModels) return
    const models = [...new Set(constraints.gpuModels)].sort()
    const key = JSON.stringify(models)
    const known = this.sets.get(key)
    if (known) known.gpus += gpus
    else if (this.sets.size < countedSets) this.sets.set(key, { models, gpus })
  }

  /** What has been asked for counts half from now on. */
  halve(): void {
    this.gpus /= 2
    for (const one of this.sets.values()) one.gpus /= 2
    for (const [key, { gpus }] of this.sets) if (gpus < 0.01) this.sets.delete(key)
  }

  /**
   * How sought after each model is: what part of the demand names it, over what part of the supply it is. Of what may be one
   * of several, each counts for its part of their supply. `supply`: cards by model.
   */
  scarcity(supply: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const all = [...supply.values()].reduce((sum, cards) => sum + cards, 0)
    const demand = this.gpus + askedBefore * supply.size
    const scarcity = new Map<string, number>()
    const add = (model: string, gpus: number, cards: number) =>
      scarcity.set(model, (scarcity.get(model) ?? 0) + (gpus / demand) * (all / cards))
    for (const [model, cards] of supply) add(model, askedBefore, cards)
    for (const { models, gpus } of this.sets.values()) {
      const known = models.filter((model) => supply.has(model))
      const cards = known.reduce((sum, model) => sum + supply.get(model)!, 0)
      for (const model of known) add(model, gpus, cards)
    }
    return scarcity
  }
}
