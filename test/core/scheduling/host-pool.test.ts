import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources, type Resources } from '../../../src/core/model/resources.ts'
import type { Demand, PoolHost } from '../../../src/core/scheduling/demand.ts'
import { HostPool } from '../../../src/core/scheduling/host-pool.ts'
import { demand, events, hosts } from './pool-arbitraries.ts'
import { PoolModel } from './pool-model.ts'

function aHost(id: string, members: Partial<PoolHost> = {}): PoolHost {
  const { cards = 0 } = members
  const capacity = { cpuMilli: 4_000, memoryMiB: 4_000, gpuMilli: cards * 1_000, diskMiB: 0 }
  return { id, capacity, cards, architecture: 'X86_64', labels: {}, ...members }
}

function poolOf(...list: PoolHost[]): HostPool {
  const pool = new HostPool()
  for (const host of list) pool.add(host)
  return pool
}

const demandOf = (resources: Partial<Resources>, members: Partial<Demand> = {}): Demand => ({
  resources: { ...noResources, ...resources },
  ...members,
})
const oneCpu = demandOf({ cpuMilli: 1_000, memoryMiB: 1_000 })

/** Takes what it chooses. */
function place(pool: HostPool, wanted: Demand) {
  const grant = pool.choose(wanted)
  if (grant) pool.take(grant, wanted.resources)
  return grant
}

describe('HostPool.choose', () => {
  it('finds a host that fits exactly when going through them all does, whatever has happened', () => {
    fc.assert(
      fc.property(hosts, events, demand, fc.nat(7), (list, happened, wanted, banned) => {
        const model = new PoolModel(list)
        for (const event of happened) {
          model.apply(event)
          const fitting = model.fitting(wanted)
          const chosen = model.pool.choose(wanted)
          expect(chosen !== undefined, `${fitting}`).toBe(fitting.length > 0)
          if (chosen) expect(fitting).toContain(chosen.host)
          const allowed = fitting.filter((id) => id !== `host-${banned}`)
          const other = model.pool.choose(wanted, (id) => id !== `host-${banned}`)
          expect(other !== undefined).toBe(allowed.length > 0)
          if (other) expect(allowed).toContain(other.host)
        }
      }),
    )
  })

  it('never over-commits a host or a card, and knows what is free', () => {
    fc.assert(
      fc.property(hosts, events, (list, happened) => {
        const model = new PoolModel(list)
        for (const event of happened) {
          model.apply(event)
          for (const host of model.hosts.values()) {
            const { gpuMilli: _, ...free } = model.free(host)
            if (event.kind === 'place') for (const card of free.cards) expect(card).toBeGreaterThanOrEqual(0)
            const least = Object.entries(free).map(([name, amount]) => [
              name,
              typeof amount === 'number' ? Math.max(0, amount) : amount,
            ])
            expect(model.pool.free(host.id)).toEqual(Object.fromEntries(least))
          }
        }
      }),
    )
  })

  it('gives whole cards that nobody else has, or a part of one', () => {
    fc.assert(
      fc.property(hosts, fc.array(demand, { maxLength: 40 }), (list, wanted) => {
        const model = new PoolModel(list)
        for (const one of wanted) {
          const { gpuMilli } = one.resources
          const grant = model.place(one)
          if (!grant) continue
          expect(new Set(grant.cards).size).toBe(gpuMilli === 0 ? 0 : Math.max(1, gpuMilli / 1_000))
        }
        for (const { grant, demand: one } of model.held) {
          const { gpuMilli } = one.resources
          const others = model.held.filter(
            (other) => other.grant !== grant && other.grant.host === grant.host,
          )
          if (gpuMilli < 1_000) continue
          for (const other of others)
            for (const card of grant.cards) expect(other.grant.cards).not.toContain(card)
        }
      }),
    )
  })

  it('places as many of the same jobs on equal hosts in whatever order they come', () => {
    const equal = fc.tuple(demand, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }))
    fc.assert(
      fc.property(equal, fc.array(fc.nat(5), { maxLength: 6 }), ([one, count, jobs], order) => {
        const names = [...new Set([...order, ...Array(count).keys()])].filter((at) => at < count)
        const run = (ids: number[]) => {
          const pool = poolOf(...ids.map((at) => aHost(`host-${at}`, { cards: 2, gpuModel: 'T4' })))
          const grants = Array.from({ length: jobs }, () => place(pool, { ...one })?.host)
          const perHost = ids.map((at) => grants.filter((host) => host === `host-${at}`).length)
          return { placed: grants.filter(Boolean).length, perHost: perHost.sort() }
        }
        expect(run(names)).toEqual(run([...Array(count).keys()]))
      }),
    )
  })

  it('takes the tightest fit, so that big holes stay for big jobs', () => {
    const pool = poolOf(aHost('empty'), aHost('nearly full'), aHost('half'))
    pool.take({ host: 'nearly full', cards: [] }, { ...noResources, cpuMilli: 3_000 })
    pool.take({ host: 'half', cards: [] }, { ...noResources, cpuMilli: 2_000 })
    expect(pool.choose(oneCpu)?.host).toBe('nearly full')
  })

  it('leaves hosts with GPUs to those who want one, where others have room', () => {
    const pool = poolOf(aHost('gpu', { cards: 2, gpuModel: 'T4' }), aHost('plain'))
    pool.take({ host: 'gpu', cards: [] }, { ...noResources, cpuMilli: 3_000 })
    expect(pool.choose(oneCpu)?.host).toBe('plain')
    expect(pool.choose(demandOf({ cpuMilli: 1_000, gpuMilli: 500 }))).toEqual({ host: 'gpu', cards: [0] })
    pool.setOpen('plain', false)
    expect(pool.choose(oneCpu)?.host).toBe('gpu')
  })

  it('lets parts of a card share one before another is broken', () => {
    const pool = poolOf(aHost('gpu', { cards: 2, gpuModel: 'T4' }))
    const half = demandOf({ gpuMilli: 500 })
    expect(place(pool, half)).toEqual({ host: 'gpu', cards: [0] })
    expect(place(pool, half)).toEqual({ host: 'gpu', cards: [0] })
    expect(place(pool, demandOf({ gpuMilli: 1_000 }))).toEqual({ host: 'gpu', cards: [1] })
  })

  it('prefers of hosts alike the one that has the image, but not to a better fit', () => {
    const wanted = { ...oneCpu, images: ['busybox:1'] }
    const pool = poolOf(aHost('bare'), aHost('cached'), aHost('other'))
    pool.setImages('cached', ['busybox:1', 'python:3'])
    pool.setImages('other', ['python:3'])
    expect(pool.choose(wanted)?.host).toBe('cached')
    expect(pool.choose(wanted, (host) => host !== 'cached')?.host).toBe('bare')
    expect(pool.choose({ ...oneCpu, images: ['busybox:1', 'python:3'] })?.host).toBe('cached')
    pool.take({ host: 'bare', cards: [] }, { ...noResources, cpuMilli: 250 })
    expect(pool.choose(wanted)?.host).toBe('bare')
  })

  it('takes hosts for alike that differ by what nobody could use', () => {
    const capacity = { cpuMilli: 4_000, memoryMiB: 4_010, gpuMilli: 0, diskMiB: 0 }
    const pool = poolOf(aHost('bare'), aHost('cached', { capacity }))
    pool.setImages('cached', ['busybox:1'])
    expect(pool.choose({ ...oneCpu, images: ['busybox:1'] })?.host).toBe('cached')
  })

  it('knows the images of a host whose offer changes, and none of one that has gone', () => {
    const wanted = { ...oneCpu, images: ['busybox:1'] }
    const pool = poolOf(aHost('bare'), aHost('cached'))
    pool.setImages('cached', ['busybox:1'])
    pool.add(aHost('cached', { labels: { zone: 'a' } }))
    expect(pool.choose(wanted)?.host).toBe('cached')
    pool.remove('cached')
    pool.add(aHost('new in its place'))
    expect(pool.choose(wanted)?.host).toBe('bare')
  })
})

describe('HostPool.take', () => {
  it('refuses what a host has not free, and what is released twice', () => {
    const pool = poolOf(aHost('host', { cards: 1, gpuModel: 'T4' }))
    const grant = { host: 'host', cards: [0] }
    pool.take(grant, { ...noResources, gpuMilli: 700 })
    expect(() => pool.take(grant, { ...noResources, gpuMilli: 500 })).toThrow('over-committed')
    const other = poolOf(aHost('host'))
    expect(() => other.release({ host: 'host', cards: [] }, oneCpu.resources)).toThrow('released twice')
  })

  it('holds what runs on a host whose offer has shrunk, and has nothing free there', () => {
    const pool = poolOf(aHost('host'))
    pool.hold({ host: 'host', cards: [] }, { ...noResources, cpuMilli: 5_000 })
    expect(pool.free('host').cpuMilli).toBe(0)
    expect(pool.choose(oneCpu)).toBeUndefined()
    pool.release({ host: 'host', cards: [] }, { ...noResources, cpuMilli: 5_000 })
    expect(pool.free('host').cpuMilli).toBe(4_000)
  })
})
