import { type Demand, type PoolHost, type Shape, shapeOf, suits } from './demand.ts'
import { cardsIn, giveRoom, largestFirst, type Room, takeRoom } from './room.ts'

/** What of a host is free, or would be. */
export type HostRoom = { host: PoolHost; room: Room }

/** Attempts that start together: the largest choose first, each the first host that holds it. */
export class Together {
  /** In the order in which they choose; `index`: of the demand. */
  private readonly order: readonly { index: number; shape: Shape }[]

  constructor(demands: readonly Demand[]) {
    this.order = largestFirst(demands.map(({ resources }) => resources)).map((index) => ({
      index,
      shape: shapeOf(demands[index]!),
    }))
  }

  /** Takes room for all of them and returns the host of each demand, or takes none and returns undefined. */
  take(rooms: readonly HostRoom[]): string[] | undefined {
    const taken = this.assign(rooms)
    if (taken.length < this.order.length) return giveBack(taken)
    const hosts: string[] = new Array(taken.length)
    for (const [at, { of }] of taken.entries()) hosts[this.order[at]!.index] = of.host.id
    return hosts
  }

  /** Whether there is room for all of them. Takes none. */
  fit(rooms: readonly HostRoom[]): boolean {
    const taken = this.assign(rooms)
    giveBack(taken)
    return taken.length === this.order.length
  }

  /** Whether there is room for one of them. */
  someFits(room: HostRoom): boolean {
    let before: Shape | undefined
    for (const { shape } of this.order) {
      if (shape.key !== before?.key && holds(room, shape)) return true
      before = shape
    }
    return false
  }

  /** What the first of them get, up to one that has no room. */
  private assign(rooms: readonly HostRoom[]): Assigned[] {
    const taken: Assigned[] = []
    let first = 0
    let before: Shape | undefined
    for (const { shape } of this.order) {
      if (before?.key !== shape.key) first = 0
      before = shape
      // What one of this shape found too small is too small for the next.
      while (first < rooms.length && !holds(rooms[first]!, shape)) first++
      const of = rooms[first]
      if (!of) return taken
      const { resources } = shape.demand
      const cards = cardsIn(resources, of.room)!
      takeRoom(of.room, { resources, cards })
      taken.push({ of, resources, cards })
    }
    return taken
  }
}

type Assigned = { of: HostRoom; resources: Demand['resources']; cards: number[] }

function giveBack(taken: Assigned[]): undefined {
  for (const { of, ...part } of taken) giveRoom(of.room, part)
}

function holds({ host, room }: HostRoom, shape: Shape): boolean {
  return cardsIn(shape.demand.resources, room) !== undefined && suits(host, shape)
}
