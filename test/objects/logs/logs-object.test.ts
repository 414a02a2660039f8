import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { everyLine } from '../../../src/core/model/log-filter.ts'
import { Logs } from '../../../src/objects/logs/logs.ts'
import { DurableSql } from '../../../src/runtime/durable-sql.ts'
import { logEvents } from '../../support/log-batches.ts'

const group = '/aws/batch/job'
const stream = 'job/default/1'

describe('a log store on a Durable Object', () => {
  it('writes one row for a short stream, one for each later flush and none to read', async () => {
    const stub = env.SCRATCH.get(env.SCRATCH.newUniqueId())
    const rows = await runInDurableObject(stub, async (_, { storage }) => {
      const sql = new DurableSql(storage)
      const logs = new Logs({ sql, clock: { now: () => 5_000_000 } })
      const counts: number[] = []
      const count = async (work: () => Promise<unknown>) => {
        const before = sql.rowsWritten()
        await work()
        counts.push(sql.rowsWritten() - before)
      }
      await count(() => logs.append([{ group, stream, first: 0, events: logEvents(40) }]))
      await count(() => logs.append([{ group, stream, first: 40, events: logEvents(1, 40) }]))
      await count(() => logs.append([{ group, stream, first: 0, events: logEvents(41) }]))
      await count(() => logs.getEvents({ group, stream, limit: 100, startFromHead: true }))
      return counts
    })
    expect(rows).toEqual([1, 1, 0, 0])
  })

  it('keeps what it acknowledged when it is evicted', async () => {
    const stub = env.LOGS.get(env.LOGS.idFromName('logs-evicted') as never) as unknown as DurableObjectStub &
      Logs
    await stub.append([{ group, stream, first: 0, events: logEvents(3) }])
    await evictDurableObject(stub)
    const page = await stub.getEvents({ group, stream, limit: 100, startFromHead: true })
    expect(page).toMatchObject({
      ok: true,
      value: { events: logEvents(3).map(([timestamp, message]) => ({ timestamp, message })) },
    })
  })

  it('is searched, listed and listened to without a row written', async () => {
    const stub = env.LOGS.get(env.LOGS.idFromName('logs-searched') as never) as unknown as DurableObjectStub &
      Logs & { rowsWritten(): Promise<number> }
    const listener = { session: 's', groups: [group], filter: everyLine }
    const search = { group, startTime: 0, endTime: 2_000_000, filter: everyLine, limit: 3 }
    await stub.hear(listener)
    await stub.append([
      { group, stream: 'a', first: 0, events: logEvents(3) },
      { group, stream: 'b', first: 0, events: logEvents(3) },
    ])
    const before = await stub.rowsWritten()
    const first = await stub.search({ ...search, order: 'oldest-first' })
    const second = await stub.search({ ...search, order: 'oldest-first', after: first.searchedTo! })
    const found = [...first.events, ...second.events]
    expect(found.map(({ stream, number }) => `${stream}${number}`)).toEqual([
      'a0',
      'b0',
      'a1',
      'b1',
      'a2',
      'b2',
    ])
    const named = await stub.search({ ...search, order: 'newest-first', streams: ['b', 'none'] })
    expect(named.events.map(({ number }) => number)).toEqual([2, 1, 0])
    expect(
      await stub.describeGroups({ prefix: '/aws', part: 'job', names: [group], limit: 5, after: '' }),
    ).toHaveLength(1)
    expect(await stub.hear(listener)).toMatchObject({
      ok: true,
      value: { isNew: false, events: { length: 6 } },
    })
    expect(await stub.rowsWritten()).toBe(before)
    await evictDurableObject(stub)
    expect(await stub.hear(listener)).toMatchObject({ ok: true, value: { isNew: true, events: [] } })
  })
})
