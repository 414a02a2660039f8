import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyRoom, type Taken, takeRoom } from '../../../src/core/scheduling/room.ts'
import { RoomsInTime } from '../../../src/core/scheduling/rooms-in-time.ts'

const never = Number.POSITIVE_INFINITY
const vcpus = (count: number) => ({ cpuMilli: count * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 })

const taken = fc.record({
  resources: fc.integer({ min: 1, max: 4 }).map(vcpus),
  cards: fc.constant<number[]>([]),
  endsBy: fc.constantFrom(1, 2, 3, 5, 8, never),
})
const hosts = fc.array(
  fc.record({ runs: fc.array(taken, { maxLength: 5 }), also: fc.array(taken, { maxLength: 2 }) }),
  {
    minLength: 1,
    maxLength: 5,
  },
)

function busy(drawn: { runs: Taken[]; also: Taken[] }[]) {
  return drawn.map(({ runs, also }, at) => {
    const id = `host-${at}`
    const host = { id, capacity: vcpus(40), cards: 0, architecture: 'X86_64' as const, labels: {} }
    const inOrder = runs
      .toSorted((a, b) => (a.endsBy === b.endsBy ? 0 : a.endsBy - b.endsBy))
      .map((run, order) => ({ ...run, id: `${id}/${order}`, host: id, order }))
    return { occupied: { host, open: true, runs: inOrder }, taken: also }
  })
}

/** What is free of each host, by its id, once all that ends by then has ended and the `emptied` have no runs. */
function anew(all: ReturnType<typeof busy>, moment: number, emptied: ReadonlySet<string> = new Set()) {
  return all.map(({ occupied: { host, runs }, taken }) => {
    const room = emptyRoom(host)
    const stays = [...(emptied.has(host.id) ? [] : runs), ...taken].filter(({ endsBy }) => endsBy > moment)
    for (const one of stays) takeRoom(room, one)
    return [host.id, room.cpuMilli]
  })
}

const told = (rooms: ReturnType<RoomsInTime['at']>) => rooms.map(({ host, room }) => [host.id, room.cpuMilli])

describe('RoomsInTime', () => {
  it('says at every moment what working it all out anew does, in whatever order they are asked for', () => {
    const moments = fc.array(fc.constantFrom(0, 1, 2, 4, 5, 9), { minLength: 1 })
    fc.assert(
      fc.property(hosts, moments, (drawn, asked) => {
        const all = busy(drawn)
        const rooms = new RoomsInTime(all)
        for (const moment of asked) expect(told(rooms.at(moment))).toEqual(anew(all, moment))
      }),
    )
  })

  it('empties hosts of their runs one after the other and back, those first of which least stays', () => {
    fc.assert(
      fc.property(hosts, fc.array(fc.nat(5)), (drawn, counts) => {
        const all = busy(drawn)
        const { first } = new RoomsInTime(all).byStaying(4)
        const staysOn = ({ occupied }: (typeof all)[number]) =>
          occupied.runs.filter(({ endsBy }) => endsBy === never).length
        const order = all.toSorted((a, b) => staysOn(a) - staysOn(b))
        for (const count of counts) {
          const some = Math.min(count, all.length)
          const emptied = new Set(order.slice(0, some).map(({ occupied }) => occupied.host.id))
          expect(told(first(some))).toEqual(anew(order, 4, emptied))
        }
      }),
    )
  })
})
