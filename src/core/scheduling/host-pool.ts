import { assert, present } from '../assert.ts'
import type { Resources } from '../model/resources.ts'
import { type Demand, type Free, type Grant, type PoolHost, suits } from './demand.ts'
import { DemandMix } from './demand-mix.ts'
import { chooseGang } from './gang-choice.ts'
import { ImageIndex } from './image-index.ts'
import type { Lack } from './lack.ts'
import { nearestHosts } from './nearest-hosts.ts'
import { leftOverWeight } from './placement-score.ts'
import { PoolSlot } from './pool-slot.ts'
import type { Room } from './room.ts'
import { ScoreCache } from './score-cache.ts'
import type { ScoreTree } from './score-tree.ts'

/**
 * What a host gains that has all the images: as much as 1/16 of a vCPU, or 256 MiB, left over. Less than what any usual job
 * leaves, so that packing goes first, and more than hosts of one kind differ by in what they find of their memory.
 */
const imageBonus = 62.5 * leftOverWeight.cpuMilli

/** Says of a host that has room whether it may be chosen. `free` holds for the call only. */
export type Allowed = (hostId: string, free: Free) => boolean

/**
 * Hosts and what of them is free: its one owner. A host is chosen by best fit, so that big holes stay for big jobs; where
 * there are GPUs, by what it does to their fragmentation for the work that is commonly asked for; hosts with GPUs last for
 * work that wants none; of hosts alike one that has the images. Choosing takes nothing: `take` does.
 */
export class HostPool {
  private readonly slots: (PoolSlot | undefined)[] = []
  private readonly byId = new Map<string, PoolSlot>()
  private readonly vacant: number[] = []
  private readonly mix = new DemandMix()
  private readonly scores = new ScoreCache(this.slots, this.mix)
  private readonly images = new ImageIndex()
  /** Shapes some host could hold when empty; forgotten when hosts come, go or change. */
  private readonly feasible = new Map<string, boolean>()

  get size(): number {
    return this.byId.size
  }

  /** A host, open; again with the same id: its offer has changed, what is taken there and its images stay. */
  add(host: PoolHost): void {
    const known = this.byId.get(host.id)
    if (known) known.become(host)
    else {
      const slot = new PoolSlot(this.vacant.pop() ?? this.slots.length, host)
      this.slots[slot.index] = slot
      this.byId.set(host.id, slot)
    }
    this.feasible.clear()
    this.scores.changed(this.slot(host.id).index)
  }

  /** With all that is taken there. */
  remove(id: string): void {
    const slot = this.byId.get(id)
    if (!slot) return
    this.byId.delete(id)
    this.slots[slot.index] = undefined
    this.images.set(slot.index, [])
    this.vacant.push(slot.index)
    this.feasible.clear()
    this.scores.changed(slot.index)
  }

  /** The images that a host has now, in the form of `familiarImage`. */
  setImages(id: string, images: readonly string[]): void {
    this.images.set(this.slot(id).index, images)
  }

  /** A host that is not open is not chosen; what is taken and released there counts on. */
  setOpen(id: string, open: boolean): void {
    const slot = this.byId.get(id)
    if (!slot || slot.open === open) return
    slot.open = open
    this.scores.changed(slot.index)
  }

  /** The best open host that has room, is of the kind asked for and allowed; undefined: there is none. */
  choose(demand: Demand, allowed?: Allowed): Grant | undefined {
    this.count(demand)
    return this.find(demand, allowed)
  }

  /**
   * A host for each of several attempts that must start together, in their order, or undefined when not all have one: one to
   * a host while there are hosts, then several; where that leaves one without room they are packed. The largest choose first.
   */
  chooseGang(demands: readonly Demand[], allowed?: Allowed): Grant[] | undefined {
    for (const demand of demands) this.count(demand)
    return this.findGang(demands, allowed)
  }

  /** Somebody asks for it: GPUs are packed for what is commonly asked for. */
  count(demand: Demand): void {
    this.mix.count(this.scores.shape(demand))
  }

  /** What `choose` would choose, without counting it as asked for. */
  find(demand: Demand, allowed?: Allowed): Grant | undefined {
    return this.best(demand, allowed)
  }

  /** What `chooseGang` would choose, without counting it as asked for. */
  findGang(demands: readonly Demand[], allowed?: Allowed): Grant[] | undefined {
    return chooseGang(demands, {
      choose: (demand, also) => this.best(demand, both(allowed, also)),
      take: (grant, demand) => this.change(grant, demand.resources, 1),
      release: (grant, demand) => this.change(grant, demand.resources, -1),
      setOpen: (host, open) => this.setOpen(host, open),
    })
  }

  /** Asserts that the host has it all free. */
  take(grant: Grant, resources: Resources): void {
    const slot = this.change(grant, resources, 1)
    assert(!slot.isOverCommitted, `host ${grant.host} over-committed by ${JSON.stringify(resources)}`)
  }

  /** Takes what runs there already, also where the host's offer has shrunk under it. */
  hold(grant: Grant, resources: Resources): void {
    this.change(grant, resources, 1)
  }

  /** Gives back what was taken; a host that has been removed has nothing to give back. */
  release(grant: Grant, resources: Resources): void {
    if (this.byId.has(grant.host)) this.change(grant, resources, -1)
  }

  /** Never below zero, even where an offer has shrunk under what runs. */
  free(id: string): Free {
    const { cpuMilli, memoryMiB, diskMiB, cards } = this.slot(id)
    const least = (amount: number) => Math.max(0, amount)
    return {
      cpuMilli: least(cpuMilli),
      memoryMiB: least(memoryMiB),
      diskMiB: least(diskMiB),
      cards: cards.map(least),
    }
  }

  /** The same below zero where more is taken than there is. */
  room(id: string): Room {
    const { cpuMilli, memoryMiB, diskMiB, cards } = this.slot(id)
    return { cpuMilli, memoryMiB, diskMiB, cards: [...cards] }
  }

  /** Whether some host of the pool, open or not, could hold it if it were empty. */
  fitsEmpty(demand: Demand): boolean {
    const shape = this.scores.shape(demand)
    let fits = this.feasible.get(shape.key)
    if (fits === undefined) {
      fits = [...this.byId.values()].some(({ host }) => suits(host, shape) && emptySlot(host).hasRoom(shape))
      this.feasible.set(shape.key, fits)
    }
    return fits
  }

  /** The open hosts that come closest to having room, with what each lacks; nearest first. */
  nearest(demand: Demand, count: number): { host: string; lacks: Lack[] }[] {
    const open = [...this.byId.values()].filter((slot) => slot.open)
    return nearestHosts(this.scores.shape(demand), open, count)
  }

  /** The same of all hosts as if they were empty: why none could ever hold it. */
  nearestEmpty(demand: Demand, count: number): { host: string; lacks: Lack[] }[] {
    const empty = [...this.byId.values()].map(({ host }) => emptySlot(host))
    return nearestHosts(this.scores.shape(demand), empty, count)
  }

  /** What the closest host, were it empty, lacks for the first of these that none could hold; none: each fits some host. */
  lacksWhenEmpty(demands: readonly Demand[]): Lack[] {
    const tooLarge = demands.find((demand) => !this.fitsEmpty(demand))
    return (tooLarge && this.nearestEmpty(tooLarge, 1)[0]?.lacks) ?? []
  }

  private best(demand: Demand, allowed: Allowed | undefined): Grant | undefined {
    const shape = this.scores.shape(demand)
    const scores = this.scores.scores(shape)
    const isAllowed = allowed && ((at: number) => allowed(this.slots[at]!.host.id, this.slots[at]!))
    const best = isAllowed ? scores.bestAllowed(isAllowed) : scores.best()
    if (best === undefined) return undefined
    const { images } = demand
    const slot = this.slots[images ? this.withImages(scores, best, images, isAllowed) : best]!
    return { host: slot.host.id, cards: this.scores.cards(shape, slot) }
  }

  /** The host with the images among those as good as the best but for little; the best itself where none is better. */
  private withImages(
    scores: ScoreTree,
    best: number,
    images: readonly string[],
    isAllowed: ((index: number) => boolean) | undefined,
  ): number {
    const has = this.images.count(best, images)
    if (has === images.length) return best
    const bonusOf = (count: number) => (imageBonus * count) / images.length
    let found = best
    let least = scores.score(best) - bonusOf(has)
    for (const image of images)
      for (const index of this.images.holders(image)) {
        if (scores.score(index) - imageBonus >= least) continue
        const score = scores.score(index) - bonusOf(this.images.count(index, images))
        if (score >= least || isAllowed?.(index) === false) continue
        found = index
        least = score
      }
    return found
  }

  private change({ host, cards }: Grant, resources: Resources, sign: 1 | -1): PoolSlot {
    const slot = this.slot(host)
    slot.change(resources, cards, sign)
    this.scores.changed(slot.index)
    return slot
  }

  private slot(id: string): PoolSlot {
    return present(this.byId.get(id), `host ${id} of the pool`)
  }
}

function emptySlot(host: PoolHost): PoolSlot {
  return new PoolSlot(0, host)
}

function both(first: Allowed | undefined, second: Allowed | undefined): Allowed | undefined {
  if (!first || !second) return first ?? second
  return (host, free) => second(host, free) && first(host, free)
}
