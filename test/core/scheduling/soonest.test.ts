import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Occupancy } from '../../../src/core/scheduling/occupancy.ts'
import { soonestAlone, soonestTogether } from '../../../src/core/scheduling/soonest.ts'

const never = Number.POSITIVE_INFINITY
const now = 1_000

function vcpus(count: number) {
  return { cpuMilli: count * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }
}

/** Hosts of four vCPUs; of each, what runs there: vCPUs and until when at the latest. */
function occupancyOf(hosts: [count: number, endsBy: number][][]): Occupancy {
  const occupancy = new Occupancy()
  for (const [i, runs] of hosts.entries()) {
    const host = `host-${i}`
    occupancy.addHost({ id: host, capacity: vcpus(4), cards: 0, architecture: 'X86_64', labels: {} })
    occupancy.setOpen(host, true)
    for (const [n, [count, endsBy]] of runs.entries())
      occupancy.start({ id: `${host}/${n}`, host, cards: [], resources: vcpus(count), endsBy })
  }
  return occupancy
}

const nothing = () => []
const alone = (occupancy: Occupancy, count: number) =>
  soonestAlone({ resources: vcpus(count) }, occupancy, now, nothing)
const together = (occupancy: Occupancy, count: number, nodes: number) =>
  soonestTogether(Array(nodes).fill({ resources: vcpus(count) }), occupancy, now, nothing)

describe('the soonest room', () => {
  it('is where enough ends first, now where there is enough or the bound of what runs is past', () => {
    const hosts: [number, number][][] = [
      [[4, 9_000]],
      [
        [2, 2_000],
        [2, 8_000],
      ],
      [[3, 500]],
    ]
    expect(alone(occupancyOf(hosts), 2)).toEqual({ hosts: ['host-2'], at: now })
    expect(alone(occupancyOf(hosts.slice(0, 2)), 2)).toEqual({ hosts: ['host-1'], at: 2_000 })
    expect(alone(occupancyOf(hosts.slice(0, 2)), 4)).toEqual({ hosts: ['host-1'], at: 8_000 })
    expect(alone(occupancyOf(hosts), 5)).toBeUndefined()
  })

  it('is, without bounds, where the fewest have to end', () => {
    expect(
      alone(
        occupancyOf([
          [
            [1, never],
            [3, never],
          ],
          [[4, never]],
        ]),
        4,
      ),
    ).toEqual({
      hosts: ['host-1'],
      at: never,
    })
  })

  it('of several that start together is when the last of them has some', () => {
    const hosts: [number, number][][] = [
      [[4, 9_000]],
      [
        [2, 2_000],
        [2, 8_000],
      ],
      [[4, never]],
    ]
    expect(together(occupancyOf(hosts), 2, 2)?.at).toBe(8_000)
    expect(together(occupancyOf(hosts), 2, 4)?.at).toBe(9_000)
    expect(together(occupancyOf(hosts), 2, 6)?.at).toBe(never)
    expect(together(occupancyOf(hosts), 2, 7)).toBeUndefined()
  })

  it('is the same for one alone as for one together', () => {
    const run = fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(500, 2_000, 3_000, 4_000, never))
    fc.assert(
      fc.property(fc.array(fc.array(run, { maxLength: 2 }), { minLength: 1, maxLength: 4 }), (hosts) => {
        const occupancy = occupancyOf(hosts)
        for (const count of [1, 2, 3, 4])
          expect(together(occupancy, count, 1)?.at).toBe(alone(occupancy, count)?.at)
      }),
    )
  })
})
