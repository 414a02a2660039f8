import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { LogEvent } from '../../../src/core/model/log.ts'
import { Logs } from '../../../src/objects/logs/logs.ts'
import type { DescribeLogStreams, GetLogEvents, LogEventPage } from '../../../src/objects/logs/logs-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { logEvents } from '../../support/log-batches.ts'

const group = '/aws/batch/job'
const stream = 'job/default/1'
const now = 5_000_000

function aStore() {
  const sql = new NodeSql()
  const logs = new Logs({ sql, clock: { now: () => now } })
  const append = (events: LogEvent[], first = 0, name = stream) =>
    logs.append([{ group, stream: name, first, events }])
  const read = async (query: Partial<GetLogEvents> = {}): Promise<LogEventPage> => {
    const outcome = await logs.getEvents({ group, stream, limit: 10_000, startFromHead: true, ...query })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value
  }
  const messages = async (query: Partial<GetLogEvents> = {}) =>
    (await read(query)).events.map(({ message }) => message)
  const list = async (query: Partial<DescribeLogStreams> = {}) => {
    const outcome = await logs.describeStreams({
      group,
      orderBy: 'LogStreamName',
      descending: false,
      limit: 50,
      ...query,
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value
  }
  return { sql, logs, append, read, messages, list }
}

describe('Logs.append', () => {
  it('stores an event with the time it was read and the time it came in', async () => {
    const { append, read } = aStore()
    await append([[1234, 'hello\n\u0000 ü 😀 \ud800']])
    expect((await read()).events).toEqual([
      { timestamp: 1234, message: 'hello\n\u0000 ü 😀 \ud800', ingestionTime: now },
    ])
  })

  it('keeps only what is new of a repeated batch', async () => {
    const { append, messages } = aStore()
    await append(logEvents(3))
    await append(logEvents(3))
    await append(logEvents(4, 1), 1)
    await append(logEvents(2, 1), 1)
    expect(await messages()).toEqual(logEvents(5).map(([, message]) => message))
  })

  it('refuses a gap and stores nothing of the message that has it', async () => {
    const { append, messages, logs } = aStore()
    await append(logEvents(2))
    const batches = [
      { group, stream, first: 2, events: logEvents(1, 2) },
      { group, stream, first: 4, events: logEvents(1, 4) },
    ]
    await expect(logs.append(batches)).rejects.toThrow('lacks events 3 to 3')
    expect(await messages()).toHaveLength(2)
  })

  it('writes one row for a flush, and none for a repeat or an empty batch', async () => {
    const { append, sql } = aStore()
    const written = async (work: () => Promise<void>) => {
      const before = sql.rowsWritten()
      await work()
      return sql.rowsWritten() - before
    }
    expect(await written(() => append(logEvents(100)))).toBe(1)
    expect(await written(() => append(logEvents(100, 100), 100))).toBe(1)
    expect(await written(() => append(logEvents(100, 100), 100))).toBe(0)
    expect(await written(() => append([], 200))).toBe(0)
  })

  it('keeps every row small, however much comes at once', async () => {
    const { append, sql, messages } = aStore()
    const huge = 'x'.repeat(limits.logEventBytes)
    await append([[1, huge], [2, 'y'], [3, huge], ...logEvents(20_000)])
    const { most } = sql.one<{ most: number }>('SELECT max(length(events)) AS most FROM chunk')!
    expect(most).toBeLessThan(limits.logEventBytes + 100)
    expect((await messages({ limit: 3 })).map(({ length }) => length)).toEqual([huge.length, 1, huge.length])
  })

  it('reads back what was printed, however it was cut into batches and repeated', async () => {
    const message = fc.oneof(
      { weight: 5, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.constant('x'.repeat(40_000)) },
    )
    const cut = fc.record({ take: fc.integer({ min: 1, max: 8 }), repeat: fc.integer({ min: 0, max: 5 }) })
    const printed = fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), message), {
      minLength: 1,
      maxLength: 40,
    })
    const property = fc.asyncProperty(printed, fc.array(cut, { maxLength: 20 }), async (events, cuts) => {
      const { append, messages } = aStore()
      let sent = 0
      for (const { take, repeat } of [...cuts, { take: events.length, repeat: 0 }]) {
        const first = Math.max(0, sent - repeat)
        await append(events.slice(first, sent + take), first)
        sent = Math.min(events.length, sent + take)
      }
      expect(await messages()).toEqual(events.map(([, text]) => text).slice(0, await pageLength(events)))
    })
    await fc.assert(property, { numRuns: 50 })
  })
})

/** How many of the events one page holds. */
async function pageLength(events: LogEvent[]): Promise<number> {
  let bytes = 0
  return events.filter(([, message]) => {
    bytes += new TextEncoder().encode(message).length + 26
    return bytes <= limits.logPageBytes
  }).length
}

describe('Logs.getEvents', () => {
  it('gives the latest page unless asked for the head', async () => {
    const { append, messages } = aStore()
    await append(logEvents(10))
    expect(await messages({ limit: 2, startFromHead: false })).toEqual(['line 8', 'line 9'])
    expect(await messages({ limit: 2, startFromHead: true })).toEqual(['line 0', 'line 1'])
  })

  it('selects from the start time on, up to but without the end time', async () => {
    const { append, messages } = aStore()
    await append(logEvents(10))
    const between = { startTime: 1_003_000, endTime: 1_006_000 }
    expect(await messages(between)).toEqual(['line 3', 'line 4', 'line 5'])
    expect(await messages({ ...between, startFromHead: false, limit: 2 })).toEqual(['line 4', 'line 5'])
    expect(await messages({ startTime: 1_006_000, endTime: 1_006_000 })).toEqual([])
  })

  it('answers the same token at the end, and later what has come since', async () => {
    const { append, read } = aStore()
    await append(logEvents(3))
    const first = await read()
    expect(first.nextForwardToken).toMatch(/^f\/\d{56}$/)
    expect(first.nextBackwardToken).toMatch(/^b\/\d{56}$/)
    const atEnd = await read({ nextToken: first.nextForwardToken })
    expect(atEnd).toEqual({ events: [], ...tokens(first.nextForwardToken, atEnd.nextBackwardToken) })
    const beforeHead = await read({ nextToken: first.nextBackwardToken })
    expect(beforeHead).toEqual({
      events: [],
      ...tokens(beforeHead.nextForwardToken, first.nextBackwardToken),
    })
    await append(logEvents(2, 3), 3)
    expect((await read({ nextToken: first.nextForwardToken })).events).toHaveLength(2)
  })

  it('turns round between pages: backward from a forward page gives what lies before it', async () => {
    const { append, read } = aStore()
    await append(logEvents(10))
    const one = await read({ limit: 3 })
    const two = await read({ limit: 3, nextToken: one.nextForwardToken })
    const back = await read({ limit: 3, nextToken: two.nextBackwardToken })
    expect(back.events).toEqual(one.events)
    expect((await read({ limit: 3, nextToken: back.nextForwardToken })).events).toEqual(two.events)
  })

  it('bounds a page by bytes, but gives at least one event', async () => {
    const { append, read } = aStore()
    await append(Array.from({ length: 12 }, (_, i) => [i, 'x'.repeat(200_000)]))
    expect((await read()).events).toHaveLength(5)
    expect((await read({ startFromHead: false })).events.at(-1)!.timestamp).toBe(11)
  })

  it.each(['', 'x', 'f/1', `f/${'9'.repeat(56)}`, `g/${'0'.repeat(56)}`])(
    'refuses the token %j',
    async (nextToken) => {
      const { append, logs } = aStore()
      await append(logEvents(1))
      const outcome = await logs.getEvents({ group, stream, limit: 1, startFromHead: true, nextToken })
      expect(outcome).toMatchObject({ ok: false, refusal: { code: 'InvalidParameterException' } })
    },
  )

  it('says whether the stream or the group is missing', async () => {
    const { append, logs } = aStore()
    await append(logEvents(1))
    const ask = (query: { group: string; stream: string }) =>
      logs.getEvents({ ...query, limit: 1, startFromHead: true })
    const code = 'ResourceNotFoundException'
    expect(await ask({ group, stream: 'other' })).toEqual({
      ok: false,
      refusal: { code, message: 'The specified log stream does not exist.' },
    })
    expect(await ask({ group: 'other', stream })).toEqual({
      ok: false,
      refusal: { code, message: 'The specified log group does not exist.' },
    })
  })

  it.each([true, false])(
    'visits every event once when followed page by page (from the head: %s)',
    async (startFromHead) => {
      const sizes = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 30 })
      const property = fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 7 }),
        fc.nat(10),
        async (lengths, limit, flush) => {
          const { append, read } = aStore()
          const events = lengths.map((length, i): LogEvent => [i, 'x'.repeat(length)])
          for (let i = 0; i < events.length; i += flush + 1) await append(events.slice(i, i + flush + 1), i)
          const seen: number[] = []
          let page = await read({ limit, startFromHead })
          while (page.events.length > 0) {
            const times = page.events.map(({ timestamp }) => timestamp)
            if (startFromHead) seen.push(...times)
            else seen.unshift(...times)
            const nextToken = startFromHead ? page.nextForwardToken : page.nextBackwardToken
            page = await read({ limit, startFromHead, nextToken })
          }
          expect(seen).toEqual(events.map(([timestamp]) => timestamp))
        },
      )
      await fc.assert(property, { numRuns: 30 })
    },
  )
})

function tokens(nextForwardToken: string, nextBackwardToken: string) {
  return { nextForwardToken, nextBackwardToken }
}

describe('Logs.describeStreams', () => {
  it('tells when a stream began, was written and came in', async () => {
    const { append, list } = aStore()
    await append(logEvents(3))
    expect(await list()).toEqual({
      groupExists: true,
      streams: [
        {
          group,
          stream,
          createdAt: now,
          firstEventAt: 1_000_000,
          lastEventAt: 1_002_000,
          lastIngestedAt: now,
        },
      ],
    })
  })

  it.each([
    ['LogStreamName', false, ['a/1', 'a/2', 'b/1']],
    ['LogStreamName', true, ['b/1', 'a/2', 'a/1']],
    ['LastEventTime', false, ['b/1', 'a/1', 'a/2']],
    ['LastEventTime', true, ['a/2', 'a/1', 'b/1']],
  ] as const)('lists by %s, descending: %s, page by page', async (orderBy, descending, expected) => {
    const { append, list } = aStore()
    await append([[20, '']], 0, 'a/1')
    await append([[20, '']], 0, 'a/2')
    await append([[10, '']], 0, 'b/1')
    const seen: string[] = []
    let nextToken: string | undefined
    do {
      const page = await list({
        orderBy,
        descending,
        limit: 1,
        ...(nextToken === undefined ? {} : { nextToken }),
      })
      seen.push(...page.streams.map((view) => view.stream))
      nextToken = page.nextToken
    } while (nextToken !== undefined)
    expect(seen).toEqual(expected)
  })

  it('filters by prefix and knows a group that has no such stream', async () => {
    const { append, list } = aStore()
    for (const name of ['a/1', 'a/2', 'ab', 'b']) await append(logEvents(1), 0, name)
    expect((await list({ prefix: 'a/' })).streams.map((view) => view.stream)).toEqual(['a/1', 'a/2'])
    expect(await list({ prefix: 'c' })).toEqual({ groupExists: true, streams: [] })
    expect(await list({ group: 'other' })).toEqual({ groupExists: false, streams: [] })
  })

  it('counts a stream of many chunks once', async () => {
    const { append, list } = aStore()
    for (let i = 0; i < 5; i++) await append([[100 - i, 'x'.repeat(70_000)]], i)
    expect((await list()).streams).toMatchObject([{ firstEventAt: 96, lastEventAt: 100 }])
  })
})
