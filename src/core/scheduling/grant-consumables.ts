import { availableQuantity, type ConsumableNeed, type ConsumableResource } from '../model/consumable.ts'

/** Wants to hold all of `needs`; `held` is what it holds already, by resource. */
export type ConsumableAsk = { holder: string; needs: ConsumableNeed[]; held: ReadonlyMap<string, number> }

/**
 * The first resource that an ask found short. `free` is undefined where there is no such resource. `total`: what there is of one
 * that comes back, free or held. `behind`: there is enough free, but somebody before waits for more.
 */
export type Shortage = {
  holder: string
  resource: string
  wanted: number
  free: number | undefined
  total?: number
  behind?: true
}

/** Whether it will have been enough once others have given back what they hold: those behind wait until then. */
export function waitsInLine({ wanted, total }: Pick<Shortage, 'wanted' | 'total'>): boolean {
  return total !== undefined && wanted <= total
}

/** `type` REPLENISHABLE: what is in use comes back. */
type Stock = Pick<ConsumableResource, 'type' | 'total' | 'inUse'>

export type ConsumableGrants = {
  granted: string[]
  refused: Shortage[]
  /** What is newly held. */
  taken: (ConsumableNeed & { holder: string })[]
}

/**
 * Hands out consumable resources in the order asked: to each all it needs or nothing. One that goes away empty waits in line for
 * the first resource that it finds short, and is not overtaken there: those behind get none of that until it has its own. It
 * keeps nothing else from anybody, so that two that wait for different resources never wait for each other; and nothing at all
 * where it would wait in vain, for more than there is or for what does not come back. What a holder has is not taken twice.
 */
export function grantConsumables(
  resources: ReadonlyMap<string, Stock>,
  asks: readonly ConsumableAsk[],
): ConsumableGrants {
  const free = new Map([...resources].map(([name, resource]) => [name, availableQuantity(resource)]))
  const lines = new Set<string>()
  const grants: ConsumableGrants = { granted: [], refused: [], taken: [] }
  for (const { holder, needs, held } of asks) {
    const missing = needs.filter(({ resource }) => !held.has(resource))
    const isShort = ({ resource, quantity }: ConsumableNeed) => (free.get(resource) ?? -1) < quantity
    const short = missing.find((need) => isShort(need) || lines.has(need.resource))
    if (short) {
      const { resource, quantity: wanted } = short
      const shortage: Shortage = { holder, resource, wanted, free: free.get(resource) }
      const stock = resources.get(resource)
      if (stock?.type === 'REPLENISHABLE') shortage.total = stock.total
      if (!isShort(short)) shortage.behind = true
      if (waitsInLine(shortage)) lines.add(resource)
      grants.refused.push(shortage)
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
export function shortageReason({ resource, wanted, free, behind }: Omit<Shortage, 'holder'>): string {
  const stock = free === undefined ? 'it does not exist' : `${free} available`
  const line = behind ? ', for more of which a job before it waits' : ''
  return `CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource ${resource}: ${wanted} wanted, ${stock}${line}`
}
