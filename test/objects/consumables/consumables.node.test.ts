import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { ConsumableResource } from '../../../src/core/model/consumable.ts'
import { Consumables } from '../../../src/objects/consumables/consumables.ts'
import type {
  CreateConsumable,
  FreedConsumable,
  UpdateConsumable,
} from '../../../src/objects/consumables/consumables-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'

/** The object over storage that outlives it. What it has told queues is in `told`; it is sent by `send`. */
function aDeployment() {
  const sql = new NodeSql()
  const told: [queue: number, freed: FreedConsumable[]][] = []
  const tasks: (() => void | Promise<void>)[] = []
  let now = 1_000_000
  let sessions = 0
  const open = () => {
    const consumables = new Consumables({
      sql,
      clock: { now: () => now },
      scheduler: { later: (_, task) => void tasks.push(task) },
      alarm: { set: () => undefined },
      random: { uuid: () => `${sessions++}` },
      queue: (number) => ({
        consumablesFreed: async (freed) => void told.push([number, freed]),
      }),
    })
    consumables.resume(null)
    return consumables
  }
  let object = open()
  return {
    told,
    get object() {
      return object
    },
    restart: () => {
      tasks.length = 0
      object = open()
    },
    pass: (ms: number) => {
      now += ms
    },
    send: async () => {
      for (let task = tasks.shift(); task; task = tasks.shift()) await task()
    },
    create: (name: string, total: number, members: Partial<CreateConsumable> = {}) =>
      object.createResource({ name, total, type: 'REPLENISHABLE', tags: {}, ...members }),
    update: (members: Partial<UpdateConsumable>) =>
      object.updateResource({ name: 'seat', operation: 'SET', quantity: 1, ...members }),
    describe: async (name = 'seat'): Promise<ConsumableResource> => {
      const outcome = await object.describeResource(name)
      if (!outcome.ok) throw new Error(outcome.refusal.message)
      return outcome.value
    },
  }
}

const seat = (quantity: number) => [{ resource: 'seat', quantity }]

describe('a consumable resource', () => {
  it('is made once, described, listed by name, and deleted', async () => {
    const { object, create, describe: described } = aDeployment()
    await create('seat', 5, { tags: { team: 'a' } })
    expect(await create('seat', 6)).toMatchObject({ refusal: { message: 'Object already exists' } })
    expect(await described()).toEqual({
      ...{ name: 'seat', type: 'REPLENISHABLE', total: 5, inUse: 0, createdAt: 1_000_000 },
      tags: { team: 'a' },
    })
    for (const name of ['Seat-2', 'table']) await create(name, 1)
    const names = async (filter: string[], maxResults = 10, after?: string) => {
      const page = await object.listResources({ names: filter, maxResults, ...(after ? { after } : {}) })
      return [page.items.map(({ name }) => name), page.more]
    }
    expect(await names([])).toEqual([['Seat-2', 'seat', 'table'], false])
    expect(await names(['SEAT'])).toEqual([['seat'], false])
    expect(await names(['sEAT*', 'table'], 2)).toEqual([['Seat-2', 'seat'], true])
    expect(await names(['sEAT*', 'table'], 2, 'seat')).toEqual([['table'], false])
    expect(await object.unknownResources(['seat', 'chair'])).toEqual(['chair'])
    await object.deleteResource('seat')
    const missing = { refusal: { message: 'Consumable resource seat does not exist' } }
    expect(await object.describeResource('seat')).toMatchObject(missing)
    expect(await object.deleteResource('seat')).toMatchObject(missing)
    expect(await object.changeTags('seat', { add: {} })).toMatchObject(missing)
  })

  it('takes tags and gives them up', async () => {
    const { object, create, describe: described } = aDeployment()
    await create('seat', 5, { tags: { team: 'a' } })
    await object.changeTags('seat', { add: { stage: 'test' } })
    await object.changeTags('seat', { remove: ['team'] })
    expect((await described()).tags).toEqual({ stage: 'test' })
  })

  it('is updated once under one token, for eight hours, and each time under another or none', async () => {
    const { create, update, pass, restart, describe: described } = aDeployment()
    await create('seat', 0)
    const add = (clientToken?: string, quantity = 1) =>
      update({ operation: 'ADD', quantity, ...(clientToken ? { clientToken } : {}) })
    expect(await add('a')).toMatchObject({ value: { total: 1 } })
    expect(await add()).toMatchObject({ value: { total: 2 } })
    restart()
    pass(limits.clientTokenMs)
    expect(await add('a')).toMatchObject({ value: { total: 1 } })
    expect((await described()).total).toBe(2)
    expect(await add('a', 2)).toMatchObject({ value: { total: 4 } })
    pass(1)
    expect(await add('a')).toMatchObject({ value: { total: 5 } })
    expect(await update({ name: 'chair' })).toMatchObject({
      refusal: { message: 'Consumable resource chair does not exist' },
    })
  })

  it('may be deleted while it is held; what is given back later is ignored, one made anew is the same', async () => {
    const { object, create, send, told, describe: described } = aDeployment()
    await create('seat', 1)
    const { session } = await object.openSession(7)
    await object.acquire({ queue: 7, session, asks: [{ holder: 'a', needs: seat(1) }] })
    await object.deleteResource('seat')
    const asks = [{ holder: 'b', needs: seat(1) }]
    expect(await object.acquire({ queue: 7, session, asks })).toEqual({
      ok: true,
      refused: [{ holder: 'b', resource: 'seat', wanted: 1, free: undefined }],
    })
    await create('seat', 2)
    await send()
    expect(told).toEqual([[7, [{ name: 'seat', free: 2 }]]])
    await object.release({ queue: 7, session, holders: [{ holder: 'a', used: true }] })
    expect(await described()).toMatchObject({ total: 2, inUse: 0 })
  })
})

describe('holding', () => {
  it('is idempotent by holder, and refused in a session that is not the newest', async () => {
    const { object, create, describe: described } = aDeployment()
    await create('seat', 3)
    const { session: old } = await object.openSession(1)
    const ask = (session: string) =>
      object.acquire({ queue: 1, session, asks: [{ holder: 'a', needs: seat(2) }] })
    expect(await ask(old)).toEqual({ ok: true, refused: [] })
    expect(await ask(old)).toEqual({ ok: true, refused: [] })
    expect((await described()).inUse).toBe(2)
    const { session, holders } = await object.openSession(1)
    expect(holders).toEqual(['a'])
    expect(await ask(old)).toEqual({ ok: false, reason: 'stale-session' })
    const release = (of: string) =>
      object.release({ queue: 1, session: of, holders: [{ holder: 'a', used: true }] })
    expect([await release(old), (await described()).inUse]).toEqual([false, 2])
    expect([await release(session), await release(session)]).toEqual([true, true])
    expect(await described()).toMatchObject({ total: 3, inUse: 0 })
  })

  it('ends with word to the queues that wait for no more than is free, each once', async () => {
    const { object, create, send, told, restart } = aDeployment()
    await create('seat', 3)
    const sessions = await Promise.all([1, 2, 3].map((queue) => object.openSession(queue)))
    const ask = (queue: number, holder: string, quantity: number) => {
      const { session } = sessions[queue - 1]!
      return object.acquire({ queue, session, asks: [{ holder, needs: seat(quantity) }] })
    }
    await ask(1, 'a', 1)
    await ask(1, 'b', 2)
    await ask(2, 'c', 1)
    await ask(2, 'd', 3)
    await ask(3, 'e', 3)
    await object.release({
      queue: 1,
      session: sessions[0]!.session,
      holders: [{ holder: 'b', used: true }],
    })
    // The word is sent after a crash too.
    restart()
    await send()
    expect(told).toEqual([[2, [{ name: 'seat', free: 2 }]]])
  })
})

type Step =
  | { kind: 'acquire'; queue: number; holder: number; quantity: number }
  | { kind: 'release'; queue: number; holder: number; used: boolean }
  | { kind: 'set'; quantity: number }
  | { kind: 'restart' }
  | { kind: 'reopen'; queue: number }

const queue = fc.integer({ min: 1, max: 2 })
const holder = fc.nat(4)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('acquire' as const),
    queue,
    holder,
    quantity: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('release' as const), queue, holder, used: fc.boolean() }),
  fc.record({ kind: fc.constant('set' as const), quantity: fc.nat(8) }),
  fc.record({ kind: fc.constant('restart' as const) }),
  fc.record({ kind: fc.constant('reopen' as const), queue }),
)

describe('any order of asking, giving back, resizing and crashing', () => {
  it.each(['REPLENISHABLE', 'NON_REPLENISHABLE'] as const)(
    'never hands out more than there is, and counts everything once (%s)',
    async (type) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const deployment = aDeployment()
          await deployment.create('seat', 5, { type })
          const held = new Map<string, number>()
          const sessions = new Map<number, string>()
          let total = 5
          const sum = () => [...held.values()].reduce((a, b) => a + b, 0)
          for (const one of steps) {
            if (one.kind === 'set') {
              total = one.quantity
              await deployment.update({ quantity: total })
            } else if (one.kind === 'restart') deployment.restart()
            else if (one.kind === 'reopen') {
              const { session, holders } = await deployment.object.openSession(one.queue)
              sessions.set(one.queue, session)
              const expected = [...held.keys()].filter((key) => key.startsWith(`${one.queue}/`))
              expect(holders.map((name) => `${one.queue}/${name}`).sort()).toEqual(expected.sort())
            } else {
              const session = sessions.get(one.queue) ?? ''
              const key = `${one.queue}/${one.holder}`
              const request = { queue: one.queue, session }
              if (one.kind === 'acquire') {
                const asks = [{ holder: `${one.holder}`, needs: seat(one.quantity) }]
                const before = sum()
                const reply = await deployment.object.acquire({ ...request, asks })
                const given = reply.ok && reply.refused.length === 0
                if (given && !held.has(key)) {
                  held.set(key, one.quantity)
                  expect(sum()).toBeLessThanOrEqual(total)
                } else if (reply.ok && !given) expect(before + one.quantity).toBeGreaterThan(total)
              } else {
                const holders = [{ holder: `${one.holder}`, used: one.used }]
                if (await deployment.object.release({ ...request, holders })) {
                  if (one.used && type === 'NON_REPLENISHABLE')
                    total = Math.max(0, total - (held.get(key) ?? 0))
                  held.delete(key)
                }
              }
            }
            expect(await deployment.describe()).toMatchObject({ total, inUse: sum() })
          }
        }),
      )
    },
  )
})
