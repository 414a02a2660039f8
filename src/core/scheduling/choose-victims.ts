import { type Demand, shapeOf, suits } from './demand.ts'
import { HostVictims } from './host-victims.ts'
import { byLoss, type Preemptible, sizeOf } from './preemptible.ts'
import { giveRoom, takeRoom } from './room.ts'
import { type HostRoom, Together } from './together.ts'

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
  private readonly rooms: readonly HostRoom[]
  private readonly roomOn: ReadonlyMap<string, HostRoom>
  private readonly byHost = new Map<string, Preemptible[]>()
  /** Hosts with somebody who may make room, in the order in which they are tried: what is likely the least loss first. */
  private readonly promising: HostRoom[]
  private readonly left: Map<number, number>
  private readonly chosen = new Set<Preemptible>()
  /** By asker and host. */
  private readonly known = new Map<string, Map<string, HostVictims>>()

  /** `rooms`: what of each host that may be given work is free, or on its way to be. */
  constructor(rooms: readonly HostRoom[], preemptible: readonly Preemptible[], excess: Excess = new Map()) {
    this.rooms = rooms.map(copied)
    this.roomOn = new Map(this.rooms.map((room) => [room.host.id, room]))
    this.left = new Map(excess)
    for (const one of preemptible)
      for (const host of new Set(one.parts.map((part) => part.host))) {
        const known = this.byHost.get(host)
        if (known) known.push(one)
        else this.byHost.set(host, [one])
      }
    const least = new Map<string, Preemptible>()
    for (const [host, [first, ...others]] of this.byHost)
      least.set(
        host,
        others.reduce((before, one) => (byLoss(one, before) < 0 ? one : before), first!),
      )
    this.promising = this.rooms
      .filter(({ host }) => least.has(host.id))
      .sort((a, b) => byLoss(least.get(a.host.id)!, least.get(b.host.id)!))
  }

  /**
   * Who makes room for `demands`, all at once: none where there is room for them already, undefined where all whom the
   * asker may take from are not enough.
   */
  makeRoom(demands: readonly Demand[], asker: Asker): Preemptible[] | undefined {
    const together = new Together(demands)
    if (together.take(this.rooms)) return []
    const found =
      demands.length === 1 ? this.onOneHost(demands[0]!, together, asker) : this.forGang(together, asker)
    if (!found) return undefined
    for (const victim of found.victims) {
      this.chosen.add(victim)
      spend(this.left, victim)
      this.give(victim)
      for (const { host } of victim.parts) for (const known of this.known.values()) known.delete(host)
    }
    together.take(found.rooms)
    return found.victims
  }

  private onOneHost(demand: Demand, together: Together, asker: Asker): Found | undefined {
    const shape = shapeOf(demand)
    const known = this.knownTo(asker)
    let best: (Found & { loss: Loss }) | undefined
    for (const of of this.promising) {
      if (!suits(of.host, shape)) continue
      const here = known.get(of.host.id) ?? this.look(of.host.id, asker)
      const fewest = here.fewest(of.room, demand.resources)
      if (fewest === undefined || (best && !mayBeLess(here, fewest, best.loss))) continue
      const victims = this.least(together, [of], here.all)
      if (!victims) continue
      const loss = lossOf(victims)
      if (!best || isLess(loss, best.loss)) best = { rooms: [of], victims, loss }
    }
    return best
  }

  /** Looked for where the least has to be emptied, as if it all were. */
  private forGang(together: Together, asker: Asker): Found | undefined {
    const known = this.knownTo(asker)
    const order = this.rooms
      .map((of) => ({ of, here: (known.get(of.host.id) ?? this.look(of.host.id, asker)).all }))
      .sort((a, b) => a.here.length - b.here.length)
    const all = new Set(order.flatMap(({ here }) => here))
    for (const one of all) this.give(one)
    const hosts = new Set(together.take(order.map(({ of }) => copied(of))))
    for (const one of all) this.takeBack(one)
    const there = new Set(order.flatMap(({ of, here }) => (hosts.has(of.host.id) ? here : [])))
    // Where not even one of them would have room nothing changes.
    for (const one of there) this.give(one)
    const rooms = this.rooms.filter((of) => together.someFits(of))
    for (const one of there) this.takeBack(one)
    const victims = this.least(together, rooms, [...there].sort(byLoss))
    return victims && { rooms, victims }
  }

  /** The better of two ways: the cheapest first, or the largest first so that fewer are needed. */
  private least(
    together: Together,
    rooms: readonly HostRoom[],
    there: readonly Preemptible[],
  ): Preemptible[] | undefined {
    const cheapest = this.enough(together, rooms, there)
    if (!cheapest || lossOf(cheapest).count === 1) return cheapest
    const bySize = there
      .map((one) => ({ one, size: sizeOf(one) }))
      .sort((a, b) => b.size - a.size)
      .map(({ one }) => one)
    if (bySize.every((one, at) => one === there[at])) return cheapest
    const largest = this.enough(together, rooms, bySize)
    return largest && isLess(lossOf(largest), lossOf(cheapest)) ? largest : cheapest
  }

  /** From the first on as many as it takes, less those that turn out not to be needed. The rooms are left as they are. */
  private enough(
    together: Together,
    rooms: readonly HostRoom[],
    order: readonly Preemptible[],
  ): Preemptible[] | undefined {
    const left = order.some(({ share }) => share) ? new Map(this.left) : this.left
    let taken: Preemptible[] = []
    let isEnough = false
    for (const one of order) {
      if (!spend(left, one)) continue
      this.give(one)
      taken.push(one)
      isEnough = together.fit(rooms)
      if (isEnough) break
    }
    if (isEnough) taken = this.needed(together, rooms, taken)
    for (const one of taken) this.takeBack(one)
    return isEnough ? taken : undefined
  }

  /** Of those that have made room the ones without whom there is none. The others' room is taken back. */
  private needed(
    together: Together,
    rooms: readonly HostRoom[],
    made: readonly Preemptible[],
  ): Preemptible[] {
    const taken = new Set(made)
    // The dearest is spared first; and again, since with gangs one that is spared may make another needless.
    for (let before = 0; before !== taken.size; ) {
      before = taken.size
      for (const one of [...taken].sort(byLoss).reverse()) {
        this.takeBack(one)
        if (together.fit(rooms)) taken.delete(one)
        else this.give(one)
      }
    }
    return [...taken]
  }

  /** By host, those that have been looked at. */
  private knownTo({ above, reclaims }: Asker): Map<string, HostVictims> {
    const key = `${above} ${reclaims}`
    const known = this.known.get(key) ?? new Map()
    this.known.set(key, known)
    return known
  }

  /** Whom the asker may take from on a host. */
  private look(host: string, asker: Asker): HostVictims {
    const all = this.byHost.get(host) ?? []
    const here = new HostVictims(
      host,
      all.filter((one) => !this.chosen.has(one) && mayTake(asker, one)),
    )
    this.knownTo(asker).set(host, here)
    return here
  }

  private give({ parts }: Preemptible): void {
    for (const part of parts) {
      const of = this.roomOn.get(part.host)
      if (of) giveRoom(of.room, part)
    }
  }

  private takeBack({ parts }: Preemptible): void {
    for (const part of parts) {
      const of = this.roomOn.get(part.host)
      if (of) takeRoom(of.room, part)
    }
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

function copied({ host, room }: HostRoom): HostRoom {
  return { host, room: { ...room, cards: [...room.cards] } }
}

/** What is lost if some make room. `young`: when they were placed, summed: the more, the less is lost. */
type Loss = { count: number; highest: number; young: number }

function lossOf(victims: readonly Preemptible[]): Loss {
  const loss = { count: 0, highest: Number.NEGATIVE_INFINITY, young: 0 }
  for (const { parts, priority, since } of victims) {
    loss.count += parts.length
    loss.highest = Math.max(loss.highest, priority)
    loss.young += since
  }
  return loss
}

function isLess(some: Loss, others: Loss): boolean {
  return (some.count - others.count || some.highest - others.highest || others.young - some.young) < 0
}

/** Whether `fewest` or more of those on a host may be less than that, were they the best of them. */
function mayBeLess(here: HostVictims, fewest: number, { count, highest, young }: Loss): boolean {
  if (fewest !== count) return fewest < count
  if (here.lowestPriority !== highest) return here.lowestPriority < highest
  return here.youngest(fewest) > young
}
