import type { Resources } from '../model/resources.ts'
import { type Demand, type Free, type Grant, shapeOf } from './demand.ts'

type Allowed = (hostId: string, free: Free) => boolean

/** What choosing for a gang needs of a pool: it takes for a while what it chooses. */
type Choosing = {
  choose(demand: Demand, allowed?: Allowed): Grant | undefined
  take(grant: Grant, demand: Demand): void
  release(grant: Grant, demand: Demand): void
  /** Chooses a host no more, or again: cheaper than not to allow the best one each time. */
  setOpen(host: string, open: boolean): void
}

/** See `HostPool.chooseGang`. Leaves the pool as it was. */
export function chooseGang(demands: readonly Demand[], pool: Choosing): Grant[] | undefined {
  const order = [...demands.keys()].sort((a, b) => size(demands[b]!) - size(demands[a]!) || a - b)
  return assign(demands, order, pool, new Spread(pool)) ?? assign(demands, order, pool, new Packed(pool))
}

/** Chooses for one of the gang after the other. */
type Choice = {
  choose(demand: Demand): Grant | undefined
  /** A host has been given one. */
  took(host: string): void
  over(): void
}

function assign(
  demands: readonly Demand[],
  order: number[],
  pool: Choosing,
  choice: Choice,
): Grant[] | undefined {
  const grants: Grant[] = new Array(demands.length)
  const taken: number[] = []
  for (const at of order) {
    const grant = choice.choose(demands[at]!)
    if (!grant) break
    pool.take(grant, demands[at]!)
    choice.took(grant.host)
    grants[at] = grant
    taken.push(at)
  }
  choice.over()
  for (const at of taken) pool.release(grants[at]!, demands[at]!)
  return taken.length === demands.length ? grants : undefined
}

class Packed implements Choice {
  private readonly pool: Choosing

  constructor(pool: Choosing) {
    this.pool = pool
  }

  choose(demand: Demand): Grant | undefined {
    return this.pool.choose(demand)
  }

  took(): void {}

  over(): void {}
}

/** The best among the hosts that hold the fewest of the gang. */
class Spread implements Choice {
  private readonly pool: Choosing
  /** How many of it each host has. */
  private readonly held = new Map<string, number>()
  private most = 0
  /** Hosts that have one are closed. */
  private closed = false
  /** Shapes for which no host that has none has room: none will have. */
  private readonly exhausted = new Set<string>()

  constructor(pool: Choosing) {
    this.pool = pool
  }

  choose(demand: Demand): Grant | undefined {
    const { key } = shapeOf(demand)
    if (!this.exhausted.has(key)) {
      this.close(true)
      const first = this.pool.choose(demand)
      if (first) return first
      this.exhausted.add(key)
    }
    this.close(false)
    for (let level = 1; level <= this.most; level++) {
      const grant = this.pool.choose(demand, (host) => this.held.get(host) === level)
      if (grant) return grant
    }
    return undefined
  }

  took(host: string): void {
    const count = (this.held.get(host) ?? 0) + 1
    this.held.set(host, count)
    this.most = Math.max(this.most, count)
    if (this.closed) this.pool.setOpen(host, false)
  }

  over(): void {
    this.close(false)
  }

  private close(closed: boolean): void {
    if (this.closed === closed) return
    this.closed = closed
    for (const host of this.held.keys()) this.pool.setOpen(host, !closed)
  }
}

/** Orders attempts by what they take, GPUs before all. */
function size({ resources: { cpuMilli, memoryMiB, gpuMilli } }: { resources: Resources }): number {
  return gpuMilli * 1_000 + cpuMilli / 1000 + memoryMiB / 4096
}
