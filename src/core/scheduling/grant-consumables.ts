import { availableQuantity, type ConsumableNeed } from '../model/consumable.ts'

/** Wants to hold all of `needs`; `held` is what it holds already, by resource. */
export type ConsumableAsk = { holder: string; needs: ConsumableNeed[]; held: ReadonlyMap<string, number> }

/** The first resource that an ask found short. `free` is undefined where there is no such resource. */
export type Shortage = { holder: string; resource: string; wanted: number; free: number | undefined }

export type ConsumableGrants = {
  granted: string[]
  refused: Shortage[]
  /** What is newly held. */
  taken: (ConsumableNeed & { holder: string })[]
}

/**
 * Hands out consumable resources in the order asked: to each all it needs or nothing. One that goes away empty does not
 * hold up those behind it. What a holder has already is not taken twice.
 */
export function grantConsumables(
  resources: ReadonlyMap<string, { total: number; inUse: number }>,
  asks: readonly ConsumableAsk[],
): ConsumableGrants {
  const free = new Map([...resources].map(([name, resource]) => [name, availableQuantity(resource)]))
  const grants: ConsumableGrants = { granted: [], refused: [], taken: [] }
  for (const { holder, needs, held } of asks) {
    const missing = needs.filter(({ resource }) => !held.has(resource))
    const short = missing.find(({ resource, quantity }) => (free.get(resource) ?? -1) < quantity)
    if (short) {
      const { resource, quantity } = short
      grants.refused.push({ holder, resource, wanted: quantity, free: free.get(resource) })
      continue
    }
    for (const { resource, quantity } of missing) {
      free.set(resource, free.get(resource)! - quantity)
      grants.taken.push({ holder, resource, quantity })
    }
    grants.granted.push(holder)
  }
  return grants
}

/** Why a job waits, as its `statusReason` tells. */
export function shortageReason({ resource, wanted, free }: Omit<Shortage, 'holder'>): string {
  const stock = free === undefined ? 'it does not exist' : `${free} available`
  return `CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource ${resource}: ${wanted} wanted, ${stock}`
}
