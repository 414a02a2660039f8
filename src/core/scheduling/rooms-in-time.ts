import type { Occupied } from './occupancy.ts'
import { emptyRoom, giveRoom, type Taken, takeRoom } from './room.ts'
import type { HostRoom } from './together.ts'

/** A host, and what besides its runs will be taken of it. */
type Busy = { readonly occupied: Occupied; readonly taken: readonly Taken[] }

const never = Number.POSITIVE_INFINITY

/**
 * What hosts have room for at one moment and another, by the bounds of what is taken of them. From moment to moment only what
 * ends between them is worked out, so that a search by halves costs little more than one look at everything.
 */
export class RoomsInTime {
  private readonly hosts: readonly Busy[]
  private readonly rooms: HostRoom[]
  /** Of each host, by when they end. */
  private readonly taken: readonly (readonly Taken[])[]
  /** Of each host, how many of these have ended. */
  private readonly ended: Int32Array

  constructor(hosts: readonly Busy[]) {
    this.hosts = hosts
    this.ended = new Int32Array(hosts.length)
    this.taken = hosts.map(({ occupied, taken }) =>
      taken.length === 0
        ? occupied.runs
        : [...occupied.runs, ...taken].sort((a, b) => (a.endsBy === b.endsBy ? 0 : a.endsBy - b.endsBy)),
    )
    this.rooms = hosts.map(({ occupied: { host } }, at) => {
      const room = emptyRoom(host)
      for (const one of this.taken[at]!) takeRoom(room, one)
      return { host, room }
    })
  }

  /** The rooms at a moment, epoch ms. They are good until the next call. */
  at(moment: number): readonly HostRoom[] {
    for (let host = 0; host < this.rooms.length; host++) {
      const { room } = this.rooms[host]!
      const taken = this.taken[host]!
      let ended = this.ended[host]!
      while (ended < taken.length && taken[ended]!.endsBy <= moment) giveRoom(room, taken[ended++]!)
      while (ended > 0 && taken[ended - 1]!.endsBy > moment) takeRoom(room, taken[--ended]!)
      this.ended[host] = ended
    }
    return this.rooms
  }

  /** The same at a moment once the first hosts have been emptied of their runs, those with the fewest without a bound first. */
  byStaying(moment: number): { first(count: number): readonly HostRoom[] } {
    const rooms = this.at(moment)
    const staying = this.hosts.map(({ occupied }) => occupied.runs.filter(({ endsBy }) => endsBy > moment))
    const unbounded = staying.map((runs) => runs.filter(({ endsBy }) => endsBy === never).length)
    const order = [...rooms.keys()].sort((a, b) => unbounded[a]! - unbounded[b]!)
    const sorted = order.map((host) => rooms[host]!)
    let emptied = 0
    const first = (count: number) => {
      for (; emptied < count; emptied++)
        for (const run of staying[order[emptied]!]!) giveRoom(sorted[emptied]!.room, run)
      for (; emptied > count; emptied--)
        for (const run of staying[order[emptied - 1]!]!) takeRoom(sorted[emptied - 1]!.room, run)
      return sorted
    }
    return { first }
  }
}
