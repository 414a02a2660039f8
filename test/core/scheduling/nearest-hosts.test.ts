import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import type { Demand, PoolHost } from '../../../src/core/scheduling/demand.ts'
import { HostPool } from '../../../src/core/scheduling/host-pool.ts'

function aHost(id: string, cpus: number, members: Partial<PoolHost> = {}): PoolHost {
  const { cards = 0 } = members
  const capacity = { cpuMilli: cpus * 1_000, memoryMiB: 1_000, gpuMilli: cards * 1_000, diskMiB: 100 }
  return { id, capacity, cards, architecture: 'X86_64', labels: {}, ...members }
}

function aPool(...hosts: PoolHost[]): HostPool {
  const pool = new HostPool()
  for (const host of hosts) pool.add(host)
  return pool
}

const fourCpus: Demand = { resources: { ...noResources, cpuMilli: 4_000, memoryMiB: 100 } }

describe('HostPool.nearest', () => {
  it('tells which open hosts come closest now, and what each lacks', () => {
    const pool = aPool(aHost('a', 8), aHost('b', 8), aHost('c', 8), aHost('d', 8))
    for (const [host, cpuMilli] of Object.entries({ a: 7_000, b: 5_500, c: 8_000, d: 4_500 }))
      pool.take({ host, cards: [] }, { ...noResources, cpuMilli })
    pool.setOpen('d', false)
    expect(pool.nearest(fourCpus, 2)).toEqual([
      { host: 'b', lacks: [{ what: 'VCPU', wanted: 4, available: 2.5 }] },
      { host: 'a', lacks: [{ what: 'VCPU', wanted: 4, available: 1 }] },
    ])
  })

  it('names nothing where there is room', () => {
    expect(aPool(aHost('a', 8)).nearest(fourCpus, 1)).toEqual([{ host: 'a', lacks: [] }])
  })

  it('tells of cards what the freest has, or how many are whole', () => {
    const pool = aPool(aHost('a', 8, { cards: 2, gpuModel: 'T4' }))
    for (const card of [0, 1])
      pool.take({ host: 'a', cards: [card] }, { ...noResources, gpuMilli: 600 + 100 * card })
    const lacks = (gpuMilli: number) => pool.nearest({ resources: { ...noResources, gpuMilli } }, 1)[0]!.lacks
    expect(lacks(500)).toEqual([{ what: 'GPU', wanted: 0.5, available: 0.4 }])
    expect(lacks(1_000)).toEqual([{ what: 'GPU', wanted: 1, available: 0 }])
  })
})

describe('HostPool.nearestEmpty', () => {
  it('tells why no host could ever hold a job, in every dimension, a host of another kind last', () => {
    const pool = aPool(aHost('small', 2), aHost('arm', 8, { architecture: 'ARM64' }))
    pool.setOpen('small', false)
    const wanted: Demand = {
      resources: { cpuMilli: 4_000, memoryMiB: 2_000, gpuMilli: 500, diskMiB: 400 },
      constraints: { architecture: 'X86_64', gpuModels: ['T4', 'A10'], labels: { zone: 'a' } },
    }
    expect(pool.fitsEmpty(wanted)).toBe(false)
    const [small, arm] = pool.nearestEmpty(wanted, 5)
    expect(small).toEqual({
      host: 'small',
      lacks: [
        { what: 'VCPU', wanted: 4, available: 2 },
        { what: 'MEMORY', wanted: 2_000, available: 1_000 },
        { what: 'GPU', wanted: 0.5, available: 0 },
        { what: 'DISK', wanted: 400, available: 100 },
        { what: 'GPU_MODEL', wanted: 'T4 or A10', available: 'none' },
        { what: 'LABEL', wanted: 'zone=a', available: 'no zone' },
      ],
    })
    expect(arm!.lacks).toContainEqual({ what: 'ARCHITECTURE', wanted: 'X86_64', available: 'ARM64' })
  })

  it('counts a host as empty whatever runs there, and looks again when hosts change', () => {
    const pool = aPool(aHost('a', 4))
    pool.take({ host: 'a', cards: [] }, { ...noResources, cpuMilli: 4_000 })
    expect(pool.fitsEmpty(fourCpus)).toBe(true)
    pool.add(aHost('a', 2))
    expect(pool.fitsEmpty(fourCpus)).toBe(false)
    pool.add(aHost('b', 4))
    expect(pool.fitsEmpty(fourCpus)).toBe(true)
    pool.remove('b')
    expect(pool.fitsEmpty(fourCpus)).toBe(false)
  })
})
