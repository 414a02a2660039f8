import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources, type Resources } from '../../../src/core/model/resources.ts'
import { type Asker, VictimChoice } from '../../../src/core/scheduling/choose-victims.ts'
import type { Demand, PoolHost } from '../../../src/core/scheduling/demand.ts'
import type { Preemptible } from '../../../src/core/scheduling/preemptible.ts'
import { emptyRoom, giveRoom, takeRoom } from '../../../src/core/scheduling/room.ts'
import { type HostRoom, Together } from '../../../src/core/scheduling/together.ts'

const vcpus = (count: number): Resources => ({ ...noResources, cpuMilli: count * 1000, memoryMiB: 100 })
const wants = (...counts: number[]): Demand[] => counts.map((count) => ({ resources: vcpus(count) }))

function aHost(id: string, capacity: Partial<Resources> = {}, cards = 0): PoolHost {
  const all = { ...noResources, cpuMilli: 8_000, memoryMiB: 8_000, gpuMilli: cards * 1000, ...capacity }
  return { id, capacity: all, cards, architecture: 'X86_64', labels: {} }
}

type Given = Partial<Omit<Preemptible, 'parts'>> & { on: string[]; vcpus?: number }
let made = 0
function attempt({ on, vcpus: each = 4, ...members }: Given): Preemptible {
  const parts = on.map((host) => ({ host, resources: vcpus(each), cards: [] }))
  return { id: `attempt ${++made}`, priority: 1, since: 0, parts, ...members }
}

/** Hosts full of what runs there, but for what is left. */
function roomsOf(hosts: PoolHost[], running: Preemptible[]): HostRoom[] {
  const rooms = hosts.map((host) => ({ host, room: emptyRoom(host) }))
  for (const { parts } of running)
    for (const part of parts) takeRoom(rooms.find(({ host }) => host.id === part.host)!.room, part)
  return rooms
}

function choose(hosts: PoolHost[], running: Preemptible[], demands: Demand[], asker: Asker = { above: 10 }) {
  return new VictimChoice(roomsOf(hosts, running), running).makeRoom(demands, asker)
}

describe('the choice of who makes room', () => {
  it('is nobody where there is room', () => {
    const running = [attempt({ on: ['a'] })]
    expect(choose([aHost('a')], running, wants(4))).toEqual([])
  })

  it('is nobody where all of them together would not be enough', () => {
    const running = [attempt({ on: ['a'] }), attempt({ on: ['a'], priority: 10 })]
    expect(choose([aHost('a')], running, wants(6))).toBeUndefined()
  })

  it('is one attempt rather than two, however old', () => {
    const old = attempt({ on: ['a'], since: 0 })
    const young = [1, 2].map((since) => attempt({ on: ['b'], vcpus: 2, since }))
    const others = [attempt({ on: ['a'], priority: 10 }), attempt({ on: ['b'], priority: 10 })]
    expect(choose([aHost('a'), aHost('b')], [old, ...young, ...others], wants(4))).toEqual([old])
  })

  it('is one large one rather than two small ones on the same host', () => {
    const small = [3, 4].map((since) => attempt({ on: ['a'], vcpus: 2, since }))
    const large = attempt({ on: ['a'], vcpus: 4 })
    expect(choose([aHost('a')], [...small, large], wants(4))).toEqual([large])
  })

  it('is one of the lowest priority, of these the youngest', () => {
    const [, second] = [
      attempt({ on: ['a'], since: 5 }),
      attempt({ on: ['a'], since: 7 }),
      attempt({ on: ['b'], priority: 2, since: 9 }),
      attempt({ on: ['b'], priority: 2, since: 9 }),
    ] satisfies Preemptible[]
    const first = attempt({ on: ['c'], since: 5 })
    const others = [attempt({ on: ['c'] }), attempt({ on: ['b'], priority: 2, since: 9, vcpus: 8 })]
    const running = [first, second!, others[1]!, attempt({ on: ['a'], since: 6 })]
    expect(choose([aHost('a'), aHost('b'), aHost('c', { cpuMilli: 4_000 })], running, wants(4))).toEqual([
      second,
    ])
  })

  it('is never of a queue of equal or higher priority', () => {
    const running = [10, 11].map((priority) => attempt({ on: ['a'], priority }))
    expect(choose([aHost('a')], running, wants(4), { above: 10 })).toBeUndefined()
    expect(choose([aHost('a')], running, wants(4), {})).toBeUndefined()
  })

  it('counts the room that is found for one ask once', () => {
    const running = [1, 2].map((since) => attempt({ on: ['a'], since }))
    const choice = new VictimChoice(roomsOf([aHost('a')], running), running)
    const asked = [1, 2, 3].map(() => choice.makeRoom(wants(4), { above: 10 }))
    expect(asked).toEqual([[running[1]], [running[0]], undefined])
  })

  it('is a gang as a whole, and only if no single attempt will do', () => {
    const gang = attempt({ on: ['a', 'b'], since: 9 })
    const filling = ['a', 'b'].map((host) => attempt({ on: [host], priority: 10 }))
    const hosts = [aHost('a'), aHost('b')]
    expect(choose(hosts, [gang, ...filling], wants(4))).toEqual([gang])
    const single = attempt({ on: ['c'], vcpus: 8 })
    expect(choose([...hosts, aHost('c')], [gang, ...filling, single], wants(4))).toEqual([single])
  })

  it('makes room for all of a gang or for none of it', () => {
    const running = ['a', 'b', 'c'].map((host) => attempt({ on: [host], vcpus: 8 }))
    const hosts = ['a', 'b', 'c'].map((id) => aHost(id))
    expect(choose(hosts, running, wants(8, 8))).toHaveLength(2)
    expect(choose(hosts, running, wants(8, 8, 8, 8))).toBeUndefined()
    expect(choose(hosts, running, wants(4, 4))).toHaveLength(1)
  })

  it('frees the very cards that are wanted', () => {
    const card = (id: number, gpuMilli: number, since: number): Preemptible => ({
      ...attempt({ on: [] }),
      since,
      parts: [{ host: 'a', resources: { ...noResources, gpuMilli }, cards: [id] }],
    })
    const running = [card(0, 500, 9), card(0, 500, 8), card(1, 1000, 1)]
    const demand = { resources: { ...noResources, gpuMilli: 1000 } }
    expect(choose([aHost('a', {}, 2)], running, [demand])).toEqual([running[2]])
  })

  it('takes from shares no more than what is above their entitlement', () => {
    const running = [1, 2, 3].map((since) =>
      attempt({ on: ['a'], vcpus: 2, since, share: { id: 1, cost: 2_000 } }),
    )
    const rooms = roomsOf([aHost('a', { cpuMilli: 6_000 })], running)
    const reclaim = (excess: number, count: number) =>
      new VictimChoice(rooms, running, new Map([[1, excess]])).makeRoom(wants(count), { reclaims: true })
    expect(reclaim(3_999, 2)).toEqual([running[2]])
    expect(reclaim(3_999, 4)).toBeUndefined()
    expect(reclaim(4_000, 4)).toHaveLength(2)
    expect(reclaim(1_999, 2)).toBeUndefined()
  })
})

const ids = ['a', 'b', 'c', 'd'] as const
const scene = fc.record({
  running: fc.array(
    fc.record({
      on: fc.array(fc.constantFrom(...ids), { minLength: 1, maxLength: 3 }),
      vcpus: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: 1, max: 4 }),
      since: fc.nat(100),
      share: fc.option(fc.record({ id: fc.nat(2), cost: fc.integer({ min: 1, max: 5 }) }), {
        nil: undefined,
      }),
    }),
    { maxLength: 25 },
  ),
  asks: fc.array(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  }),
  excess: fc.array(fc.tuple(fc.nat(2), fc.nat(20))),
  asker: fc.record({
    above: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    reclaims: fc.boolean(),
  }),
})

describe('whatever runs and is asked for', () => {
  it('nobody makes room in vain, below their entitlement, or for one who may not ask it', () => {
    fc.assert(
      fc.property(scene, ({ running: all, asks, excess: pairs, asker }) => {
        const hosts = ids.map((id) => aHost(id))
        const rooms = roomsOf(hosts, [])
        const running = all.flatMap(({ share, ...members }): Preemptible[] => {
          const one = { ...attempt(members), ...(share ? { share } : {}) }
          const copies = rooms.map(({ host, room }) => ({ host, room: { ...room } }))
          for (const part of one.parts) takeRoom(copies.find(({ host }) => host.id === part.host)!.room, part)
          if (copies.some(({ room }) => room.cpuMilli < 0)) return []
          for (const [i, { room }] of copies.entries()) rooms[i]!.room = room
          return [one]
        })
        const excess = new Map(pairs)
        const choice = new VictimChoice(rooms, running, excess)
        const spent = new Map<number, number>()
        const taken = new Set<Preemptible>()
        for (const [nth, counts] of asks.entries()) {
          const demands = wants(...counts)
          const victims = choice.makeRoom(demands, asker)
          if (!victims) continue
          for (const { id, priority, share } of victims) {
            if (share) {
              expect(asker.reclaims).toBe(true)
              spent.set(share.id, (spent.get(share.id) ?? 0) + share.cost)
            } else expect(priority).toBeLessThan(asker.above ?? Number.NEGATIVE_INFINITY)
            expect([...taken].map((one) => one.id)).not.toContain(id)
          }
          for (const victim of victims) taken.add(victim)
          if (nth > 0) continue
          expect(hasRoom(rooms, victims, demands)).toBe(true)
          for (const spared of victims)
            expect(
              hasRoom(
                rooms,
                victims.filter((one) => one !== spared),
                demands,
              ),
            ).toBe(false)
        }
        for (const [id, cost] of spent) expect(cost).toBeLessThanOrEqual(excess.get(id) ?? 0)
      }),
      { numRuns: 500 },
    )
  })
})

function hasRoom(rooms: HostRoom[], victims: Preemptible[], demands: Demand[]): boolean {
  const copies = rooms.map(({ host, room }) => ({ host, room: { ...room, cards: [...room.cards] } }))
  for (const { parts } of victims)
    for (const part of parts) giveRoom(copies.find(({ host }) => host.id === part.host)!.room, part)
  return new Together(demands).fit(copies)
}
