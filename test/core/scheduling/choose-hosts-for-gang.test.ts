import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addResources, fits, noResources, type Resources } from '../../../src/core/model/resources.ts'
import type { Room } from '../../../src/core/scheduling/choose-host.ts'
import { chooseHostsForGang } from '../../../src/core/scheduling/choose-hosts-for-gang.ts'

const vcpus = (cpus: number, gpus = 0): Resources => ({
  cpuMilli: cpus * 1000,
  memoryMiB: cpus * 100,
  gpuMilli: gpus * 1000,
  diskMiB: 0,
})
const room = (host: string, free: Resources): Room<string> => ({ host, free, capacity: free })
const hostsOf = (rooms: Room<string>[] | undefined) => rooms?.map(({ host }) => host)

describe('chooseHostsForGang', () => {
  it('gives each a host of its own while there are hosts, then puts them together', () => {
    const rooms = [room('a', vcpus(4)), room('b', vcpus(4)), room('c', vcpus(4))]
    const three = hostsOf(chooseHostsForGang(Array(3).fill(vcpus(1)), rooms))
    expect(three?.toSorted()).toEqual(['a', 'b', 'c'])
    const four = hostsOf(chooseHostsForGang(Array(4).fill(vcpus(1)), rooms))
    expect(new Set(four).size).toBe(3)
    expect(hostsOf(chooseHostsForGang(Array(3).fill(vcpus(1)), [rooms[0]!]))).toEqual(['a', 'a', 'a'])
  })

  it('places none when one has no room', () => {
    const rooms = [room('a', vcpus(1)), room('b', vcpus(1))]
    expect(chooseHostsForGang(Array(3).fill(vcpus(1)), rooms)).toBeUndefined()
  })

  it('packs where spreading would leave the large without room', () => {
    const rooms = [room('a', vcpus(4)), room('b', vcpus(3, 1))]
    const wanted = [vcpus(4), vcpus(1, 1), vcpus(1), vcpus(1)]
    expect(hostsOf(chooseHostsForGang(wanted, rooms))).toEqual(['a', 'b', 'b', 'b'])
  })

  it('never takes more than a host has, and finds room for alike whenever there is some', () => {
    const size = fc.record({
      cpuMilli: fc.nat(8),
      memoryMiB: fc.nat(8),
      gpuMilli: fc.nat(2),
      diskMiB: fc.nat(2),
    })
    fc.assert(
      fc.property(
        fc.array(size, { maxLength: 6 }),
        fc.array(size, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (free, mixed, alike) => {
          const rooms = free.map((resources, i) => room(`${i}`, resources))
          const wanted = alike ? mixed.map(() => mixed[0]!) : mixed
          const before = structuredClone(rooms)
          const chosen = chooseHostsForGang(wanted, rooms)
          expect(rooms).toEqual(before)
          if (chosen) {
            expect(chosen.length).toBe(wanted.length)
            for (const one of rooms) {
              const here = wanted.filter((_, i) => chosen[i] === one)
              expect(fits(here.reduce(addResources, noResources), one.free)).toBe(true)
            }
          } else if (alike) {
            const places = rooms.reduce((sum, one) => sum + placesOn(mixed[0]!, one.free), 0)
            expect(places).toBeLessThan(wanted.length)
          }
        },
      ),
    )
  })
})

/** How many of a kind one host holds, counted up to ten. */
function placesOn(wanted: Resources, free: Resources): number {
  const taken = (count: number) => Array<Resources>(count).fill(wanted).reduce(addResources, noResources)
  return [...Array(10).keys()].filter((count) => fits(taken(count + 1), free)).length
}
