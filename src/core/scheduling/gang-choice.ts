import type { Resources } from '../model/resources.ts'
import type { Demand, Free, Grant } from './demand.ts'

type Allowed = (hostId: string, free: Free) => boolean

/** What choosing for a gang needs of a pool: it takes for a while what it chooses. */
type Choosing = {
  choose(demand: Demand, allowed?: Allowed): Grant | undefined
  take(grant: Grant, demand: Demand): void
  release(grant: Grant, demand: Demand): void
}

/** See `HostPool.chooseGang`. Leaves the pool as it was. */
export function chooseGang(demands: readonly Demand[], pool: Choosing): Grant[] | undefined {
  const order = [...demands.keys()].sort((a, b) => size(demands[b]!) - size(demands[a]!) || a - b)
  return assign(demands, order, pool, spread(pool)) ?? assign(demands, order, pool, packed(pool))
}

/** Chooses for one of the gang, given how many of it each host has. */
type Choose = (demand: Demand, held: ReadonlyMap<string, number>) => Grant | undefined

function assign(
  demands: readonly Demand[],
  order: number[],
  pool: Choosing,
  choose: Choose,
): Grant[] | undefined {
  const grants: Grant[] = new Array(demands.length)
  const held = new Map<string, number>()
  const taken: number[] = []
  for (const at of order) {
    const grant = choose(demands[at]!, held)
    if (!grant) break
    pool.take(grant, demands[at]!)
    held.set(grant.host, (held.get(grant.host) ?? 0) + 1)
    grants[at] = grant
    taken.push(at)
  }
  for (const at of taken) pool.release(grants[at]!, demands[at]!)
  return taken.length === demands.length ? grants : undefined
}

const packed = (pool: Choosing): Choose => {
  return (demand) => pool.choose(demand)
}

/** The best among the hosts that hold the fewest of the gang. */
const spread = (pool: Choosing): Choose => {
  return (demand, held) => {
    const most = Math.max(0, ...new Set(held.values()))
    for (let level = 0; level <= most; level++) {
      const grant = pool.choose(demand, (host) => (held.get(host) ?? 0) === level)
      if (grant) return grant
    }
    return undefined
  }
}

/** Orders attempts by what they take, GPUs before all. */
function size({ resources: { cpuMilli, memoryMiB, gpuMilli } }: { resources: Resources }): number {
  return gpuMilli * 1_000 + cpuMilli / 1000 + memoryMiB / 4096
}
