import type { Demand, Grant, PoolHost } from '../../../src/core/scheduling/demand.ts'
import { HostPool } from '../../../src/core/scheduling/host-pool.ts'
import type { HostEvent, PoolEvent } from './pool-arbitraries.ts'

type Held = { grant: Grant; demand: Demand }

/** A pool beside the plainest account of what is placed where. */
export class PoolModel {
  readonly pool = new HostPool()
  readonly hosts = new Map<string, PoolHost>()
  readonly closed = new Set<string>()
  held: Held[] = []

  constructor(hosts: PoolHost[]) {
    for (const host of hosts) {
      this.pool.add(host)
      this.hosts.set(host.id, host)
    }
  }

  apply(event: PoolEvent): void {
    if (event.kind === 'place') this.place(event.demand)
    else if (event.kind === 'release') this.release(event.at)
    else {
      const host = [...this.hosts.values()][event.at % Math.max(1, this.hosts.size)]
      if (host) this.toHost(event, host)
    }
  }

  /** What is free of a host by adding up what is held there. */
  free({ id, capacity, cards }: PoolHost) {
    const free = { ...capacity, cards: new Array<number>(cards).fill(1_000) }
    for (const { grant, demand } of this.held.filter((one) => one.grant.host === id)) {
      free.cpuMilli -= demand.resources.cpuMilli
      free.memoryMiB -= demand.resources.memoryMiB
      free.diskMiB -= demand.resources.diskMiB
      for (const card of grant.cards) free.cards[card]! -= Math.min(1_000, demand.resources.gpuMilli)
    }
    return free
  }

  /** Hosts that could take it now, found one by one. */
  fitting({ resources, constraints = {} }: Demand): string[] {
    const { architecture, gpuModels, labels = {} } = constraints
    const suitable = [...this.hosts.values()].filter((host) => {
      const free = this.free(host)
      const whole = free.cards.filter((card) => card === 1_000).length
      return (
        !this.closed.has(host.id) &&
        resources.cpuMilli <= free.cpuMilli &&
        resources.memoryMiB <= free.memoryMiB &&
        resources.diskMiB <= free.diskMiB &&
        (resources.gpuMilli < 1_000
          ? resources.gpuMilli <= Math.max(0, ...free.cards)
          : resources.gpuMilli / 1_000 <= whole) &&
        (!architecture || architecture === host.architecture) &&
        (!gpuModels || gpuModels.includes(host.gpuModel ?? '')) &&
        Object.entries(labels).every(([name, value]) => host.labels[name] === value)
      )
    })
    return suitable.map(({ id }) => id)
  }

  place(demand: Demand): Grant | undefined {
    const grant = this.pool.choose(demand)
    if (!grant) return undefined
    this.pool.take(grant, demand.resources)
    this.held.push({ grant, demand })
    return grant
  }

  private release(at: number): void {
    const [one] = this.held.splice(at % Math.max(1, this.held.length), 1)
    if (one) this.pool.release(one.grant, one.demand.resources)
  }

  private toHost(event: HostEvent, host: PoolHost): void {
    if (event.kind === 'remove') {
      this.pool.remove(host.id)
      this.hosts.delete(host.id)
      this.closed.delete(host.id)
      this.held = this.held.filter(({ grant }) => grant.host !== host.id)
    } else if (event.kind === 'change') {
      const changed = { ...host, capacity: { ...event.capacity, gpuMilli: host.cards * 1_000 } }
      this.pool.add(changed)
      this.hosts.set(host.id, changed)
    } else if (event.kind === 'images') this.pool.setImages(host.id, event.images)
    else {
      this.pool.setOpen(host.id, event.kind === 'open')
      if (event.kind === 'open') this.closed.delete(host.id)
      else this.closed.add(host.id)
    }
  }
}
