import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import { emptyRoom } from '../../../src/core/scheduling/room.ts'
import { Together } from '../../../src/core/scheduling/together.ts'

function roomsOf(...cpus: number[]) {
  return cpus.map((count, nth) => {
    const capacity = { ...noResources, cpuMilli: count }
    const host = { id: `${nth}`, capacity, cards: 0, architecture: 'X86_64' as const, labels: {} }
    return { host, room: emptyRoom(host) }
  })
}

const demandsOf = (counts: number[]) =>
  counts.map((cpuMilli) => ({ resources: { ...noResources, cpuMilli } }))

describe('attempts that start together', () => {
  it('have their hosts in the order of the demands, the largest first', () => {
    const rooms = roomsOf(4, 2, 3)
    expect(new Together(demandsOf([2, 4, 3])).take(rooms)).toEqual(['1', '0', '2'])
    expect(rooms.map(({ room }) => room.cpuMilli)).toEqual([0, 0, 0])
  })

  it('have room or not, and take nothing by asking, nor where one has none', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(counts, counts, (cpus, wanted) => {
        const rooms = roomsOf(...cpus)
        const together = new Together(demandsOf(wanted))
        const fits = together.fit(rooms)
        if (fits) expect(rooms.some((room) => together.someFits(room))).toBe(true)
        expect(rooms).toEqual(roomsOf(...cpus))
        const hosts = together.take(rooms)
        expect(hosts !== undefined).toBe(fits)
        if (!hosts) expect(rooms).toEqual(roomsOf(...cpus))
        for (const [nth, count] of cpus.entries()) {
          const taken = wanted.reduce((sum, one, at) => sum + (hosts?.[at] === `${nth}` ? one : 0), 0)
          expect(rooms[nth]!.room.cpuMilli).toBe(count - taken)
        }
      }),
    )
  })
})
