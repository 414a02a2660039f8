import type { Resources } from '../model/resources.ts'
import { type Demand, shapeOf, suits } from './demand.ts'
import { cardsIn, giveRoom, takeRoom } from './room.ts'
import { assign, type HostRoom } from './soonest.ts'

/** What an attempt has of its host. `cards`: indexes of its GPUs. */
export type Part = { readonly host: string; readonly resources: Resources; readonly cards: readonly number[] }

/**
 * An attempt that may be told to make room, with the others of its gang, which end with it: a part each. `priority`: of
 * its queue. `since`: when it was placed, epoch ms. `share`: the one it is of, if it is for having too much, and what it
 * counts there.
 */
export type Preemptible = {
  readonly id: string
  readonly priority: number
  readonly since: number
  readonly parts: readonly Part[]
  readonly share?: { readonly id: number; readonly cost: number }
}

/** By how much each share is above what it is entitled to: more than that is not taken from it. */
export type Excess = ReadonlyMap<number, number>

/** Who asks: `above`: it may take from queues of a priority below this; `reclaims`: from shares that have too much. */
export type Asker = { readonly above?: number | undefined; readonly reclaims?: boolean | undefined }

/**
 * Finds out who has to make room for asks that found none, one ask after the other: what has been found for one is not
 * there for the next. Of all ways on one host (for a gang: on the hosts where the least has to be emptied) it is the one
 * with the least loss of work: the fewest attempts, of these those of the lowest priority, of these the youngest. Nobody
 * makes room who need not.
 */
export class VictimChoice {
  private readonly rooms: HostRoom[]
  private readonly byHost = new Map<string, Preemptible[]>()
  private readonly left: Map<number, number>
  private readonly chosen = new Set<Preemptible>()

  /** `rooms`: what of each host that may be given work is free, or on its way to be. */
  constructor(rooms: readonly HostRoom[], preemptible: readonly Preemptible[], excess: Excess = new Map()) {
    this.rooms = rooms.map(copied)
    this.left = new Map(excess)
    for (const one of [...preemptible].sort(byLoss))
      for (const host of new Set(one.parts.map((part) => part.host))) {
        const known = this.byHost.get(host)
        if (known) known.push(one)
        else this.byHost.set(host, [one])
      }
  }

  /**
   * Who makes room for `demands`, all at once: none where there is room for them already, undefined where all whom the
   * asker may take from are not enough.
   */
  makeRoom(demands: readonly Demand[], asker: Asker): Preemptible[] | undefined {
    const there = assign(demands, this.rooms.map(copied))
    if (there) return this.take(demands, there, [])
    const found = demands.length === 1 ? this.onOneHost(demands[0]!, asker) : this.forGang(demands, asker)
    if (!found) return undefined
    const hosts = assign(demands, after(found.rooms, found.victims))!
    return this.take(demands, hosts, found.victims)
  }

  private onOneHost(demand: Demand, asker: Asker): Found | undefined {
    const shape = shapeOf(demand)
    let best: Found | undefined
    for (const room of this.rooms) {
      if (!this.byHost.has(room.host.id) || !suits(room.host, shape)) continue
      const found = this.least([demand], [room], this.on(room.host.id, asker))
      if (found && (!best || isLess(found.victims, best.victims))) best = found
    }
    return best
  }

  /** Looked for where the least has to be emptied, as if it all were. */
  private forGang(demands: readonly Demand[], asker: Asker): Found | undefined {
    const order = this.rooms
      .map((room) => ({ room, here: this.on(room.host.id, asker) }))
      .sort((a, b) => a.here.length - b.here.length)
    const emptied = order.flatMap(({ room, here }) => after([room], here))
    const hosts = new Set(assign(demands, emptied))
    const there = order.flatMap(({ room, here }) => (hosts.has(room.host.id) ? here : []))
    return this.least(demands, this.rooms, [...new Set(there)].sort(byLoss))
  }

  /** The better of two ways: the cheapest first, or the largest first so that fewer are needed. */
  private least(
    demands: readonly Demand[],
    rooms: readonly HostRoom[],
    there: readonly Preemptible[],
  ): Found | undefined {
    const cheapest = this.enough(demands, rooms, there)
    if (!cheapest || count(cheapest) === 1) return cheapest && { rooms, victims: cheapest }
    const bySize = [...there].sort((a, b) => size(b) - size(a))
    const largest = this.enough(demands, rooms, bySize)
    return { rooms, victims: largest && isLess(largest, cheapest) ? largest : cheapest }
  }

  /** From the first on as many as it takes, less those that turn out not to be needed. */
  private enough(
    demands: readonly Demand[],
    rooms: readonly HostRoom[],
    order: readonly Preemptible[],
  ): Preemptible[] | undefined {
    const left = new Map(this.left)
    const suffices = (victims: readonly Preemptible[]) => assign(demands, after(rooms, victims)) !== undefined
    let taken: Preemptible[] = []
    for (const one of order) {
      if (!spend(left, one)) continue
      taken.push(one)
      if (suffices(taken)) break
    }
    if (!suffices(taken)) return undefined
    // The dearest is spared first; and again, since with gangs one that is spared may make another needless.
    for (let before = 0; before !== taken.length; ) {
      before = taken.length
      for (const one of [...taken].sort(byLoss).reverse()) {
        const others = taken.filter((other) => other !== one)
        if (suffices(others)) taken = others
      }
    }
    return taken
  }

  private on(host: string, asker: Asker): Preemptible[] {
    return (this.byHost.get(host) ?? []).filter((one) => !this.chosen.has(one) && mayTake(asker, one))
  }

  private take(demands: readonly Demand[], hosts: readonly string[], victims: Preemptible[]): Preemptible[] {
    for (const victim of victims) {
      this.chosen.add(victim)
      spend(this.left, victim)
      give(this.rooms, victim)
    }
    for (const [i, { resources }] of demands.entries()) {
      const { room } = this.rooms.find(({ host }) => host.id === hosts[i])!
      takeRoom(room, { resources, cards: cardsIn(resources, room) ?? [] })
    }
    return victims
  }
}

function mayTake({ above, reclaims }: Asker, { share, priority }: Preemptible): boolean {
  return share ? reclaims === true : above !== undefined && priority < above
}

type Found = { rooms: readonly HostRoom[]; victims: Preemptible[] }

/** Takes it out of its share's excess; false where that is not enough. */
function spend(left: Map<number, number>, { share }: Preemptible): boolean {
  if (!share) return true
  const most = left.get(share.id) ?? 0
  if (share.cost > most) return false
  left.set(share.id, most - share.cost)
  return true
}

/** The rooms as they will be. */
function after(rooms: readonly HostRoom[], victims: readonly Preemptible[]): HostRoom[] {
  const copies = rooms.map(copied)
  for (const victim of victims) give(copies, victim)
  return copies
}

function give(rooms: readonly HostRoom[], { parts }: Preemptible): void {
  for (const part of parts) {
    const found = rooms.find(({ host }) => host.id === part.host)
    if (found) giveRoom(found.room, part)
  }
}

function copied({ host, room }: HostRoom): HostRoom {
  return { host, room: { ...room, cards: [...room.cards] } }
}

/** The least loss first. */
function byLoss(a: Preemptible, b: Preemptible): number {
  return a.parts.length - b.parts.length || a.priority - b.priority || b.since - a.since
}

function isLess(some: readonly Preemptible[], others: readonly Preemptible[]): boolean {
  const highest = (victims: readonly Preemptible[]) => Math.max(...victims.map(({ priority }) => priority))
  const young = (victims: readonly Preemptible[]) => victims.reduce((sum, { since }) => sum + since, 0)
  return (count(some) - count(others) || highest(some) - highest(others) || young(others) - young(some)) < 0
}

function count(victims: readonly Preemptible[]): number {
  return victims.reduce((sum, { parts }) => sum + parts.length, 0)
}

/** What it has, in thousandths of a GPU or vCPU or 4 MiB, GPUs before all. */
function size({ parts }: Preemptible): number {
  const sizes = parts.map(
    ({ resources: { gpuMilli, cpuMilli, memoryMiB } }) => gpuMilli * 1e6 + cpuMilli + memoryMiB / 4,
  )
  return sizes.reduce((sum, one) => sum + one, 0)
}
