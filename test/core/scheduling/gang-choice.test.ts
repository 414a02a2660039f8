import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import type { Demand, PoolHost } from '../../../src/core/scheduling/demand.ts'
import { HostPool } from '../../../src/core/scheduling/host-pool.ts'
import { demand, events, hosts } from './pool-arbitraries.ts'
import { PoolModel } from './pool-model.ts'

const vcpus = (cpus: number, gpus = 0): Demand => ({
  resources: { ...noResources, cpuMilli: cpus * 1_000, gpuMilli: gpus * 1_000 },
})

function poolOf(...list: [id: string, cpus: number, cards?: number][]): HostPool {
  const pool = new HostPool()
  for (const [id, cpus, cards = 0] of list) {
    const { resources: capacity } = vcpus(cpus, cards)
    const host: PoolHost = { id, capacity, cards, architecture: 'X86_64', labels: {} }
    pool.add(host)
  }
  return pool
}

const hostsOf = (pool: HostPool, wanted: Demand[]) => pool.chooseGang(wanted)?.map(({ host }) => host)

describe('HostPool.chooseGang', () => {
  it('gives each its own host while there are hosts, then several one', () => {
    const pool = poolOf(['a', 4], ['b', 4], ['c', 4])
    expect(hostsOf(pool, Array(3).fill(vcpus(1)))?.sort()).toEqual(['a', 'b', 'c'])
    expect(hostsOf(pool, Array(4).fill(vcpus(1)))?.sort()).toEqual(['a', 'a', 'b', 'c'])
    expect(hostsOf(poolOf(['a', 4]), Array(3).fill(vcpus(1)))).toEqual(['a', 'a', 'a'])
  })

  it('packs where spreading leaves one without room, the largest first', () => {
    const pool = poolOf(['a', 4], ['b', 3, 1])
    const chosen = hostsOf(pool, [vcpus(4), vcpus(1, 1), vcpus(1), vcpus(1)])
    expect(chosen).toEqual(['a', 'b', 'b', 'b'])
  })

  it('gives all room or none, and takes nothing itself', () => {
    const gang = fc.array(demand, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(hosts, events, gang, (list, happened, wanted) => {
        const model = new PoolModel(list)
        for (const event of happened) model.apply(event)
        const before = list.filter(({ id }) => model.hosts.has(id)).map(({ id }) => model.pool.free(id))
        const grants = model.pool.chooseGang(wanted)
        expect(list.filter(({ id }) => model.hosts.has(id)).map(({ id }) => model.pool.free(id))).toEqual(
          before,
        )
        if (!grants) return
        expect(grants).toHaveLength(wanted.length)
        for (const [at, grant] of grants.entries()) {
          expect(model.fitting(wanted[at]!)).toContain(grant.host)
          model.pool.take(grant, wanted[at]!.resources)
        }
      }),
    )
  })

  it('finds room for equal ones exactly when there is for so many', () => {
    fc.assert(
      fc.property(hosts, demand, fc.integer({ min: 1, max: 12 }), (list, one, count) => {
        const model = new PoolModel(list)
        const found = model.pool.chooseGang(Array(count).fill(one)) !== undefined
        let room = 0
        while (room < count && model.place(one)) room++
        expect(found).toBe(room === count)
      }),
    )
  })
})
