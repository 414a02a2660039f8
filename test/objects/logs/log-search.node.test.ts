import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { LogEvent } from '../../../src/core/model/log.ts'
import { everyLine } from '../../../src/core/model/log-filter.ts'
import { comparePlaces, type LogOrder, type LogPlace } from '../../../src/core/model/log-place.ts'
import { Logs } from '../../../src/objects/logs/logs.ts'
import type { LogSearchPage, SearchLogs } from '../../../src/objects/logs/logs-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'

const group = '/aws/batch/job'
const everything: SearchLogs = {
  group,
  startTime: 0,
  endTime: Number.MAX_SAFE_INTEGER,
  filter: everyLine,
  limit: 10_000,
  order: 'oldest-first',
}

function aStore() {
  const logs = new Logs({ sql: new NodeSql(), clock: { now: () => 9 } })
  const append = (stream: string, events: LogEvent[], first = 0) =>
    logs.append([{ group, stream, first, events }])
  const search = (query: Partial<SearchLogs> = {}) => logs.search({ ...everything, ...query })
  const messages = async (query: Partial<SearchLogs> = {}) =>
    (await search(query)).events.map(({ message }) => message)
  /** All pages of a search. */
  const pages = async (query: Partial<SearchLogs>): Promise<LogSearchPage[]> => {
    const found: LogSearchPage[] = []
    let after: LogPlace | undefined
    do {
      const page = await search({ ...query, ...(after ? { after } : {}) })
      found.push(page)
      after = page.searchedTo
    } while (after)
    return found
  }
  return { append, search, messages, pages }
}

describe('Logs.search', () => {
  it('gives the events of all streams in the order of time, with their places', async () => {
    const { append, search } = aStore()
    await append('a', [[1, 'one'], [3, 'three']]) // biome-ignore format: pairs
    await append('b', [[2, 'two'], [3, 'also three']]) // biome-ignore format: pairs
    expect(await search()).toEqual({
      groupExists: true,
      streamExists: true,
      events: [
        { timestamp: 1, message: 'one', ingestionTime: 9, stream: 'a', number: 0 },
        { timestamp: 2, message: 'two', ingestionTime: 9, stream: 'b', number: 0 },
        { timestamp: 3, message: 'three', ingestionTime: 9, stream: 'a', number: 1 },
        { timestamp: 3, message: 'also three', ingestionTime: 9, stream: 'b', number: 1 },
      ],
    })
  })

  it('selects by stream, prefix, time and pattern', async () => {
    const { append, messages } = aStore()
    for (const stream of ['a/1', 'a/2', 'b/1']) await append(stream, [[1, `${stream} x`], [2, `${stream} y`]]) // biome-ignore format: pairs
    expect(await messages({ streams: ['a/2', 'b/1', 'none'], startTime: 2 })).toEqual(['a/2 y', 'b/1 y'])
    expect(await messages({ prefix: 'a/', endTime: 2 })).toEqual(['a/1 x', 'a/2 x'])
    expect(await messages({ filter: { ...everyLine, all: ['b'], none: ['x'] } })).toEqual(['b/1 y'])
    expect(await messages({ order: 'newest-first', limit: 2 })).toEqual(['b/1 y', 'a/2 y'])
  })

  it('says whether the group and the streams are there', async () => {
    const { append, search } = aStore()
    await append('a', [[1, 'x']])
    const known = async (query: Partial<SearchLogs>) => {
      const { groupExists, streamExists } = await search(query)
      return [groupExists, streamExists]
    }
    expect(await known({ streams: ['a', 'b'] })).toEqual([true, true])
    expect(await known({ streams: ['b'] })).toEqual([true, false])
    expect(await known({ streams: [] })).toEqual([true, false])
    expect(await known({ group: 'other' })).toEqual([false, false])
  })

  it('bounds a page by bytes, but gives at least one event', async () => {
    const { append, pages } = aStore()
    for (let i = 0; i < 6; i++) await append(`s${i}`, [[i, 'x'.repeat(limits.logEventBytes)], [i, 'y']]) // biome-ignore format: pairs
    const found = await pages({})
    expect(found.map(({ events }) => events.length)).toEqual([6, 6])
  })

  it('reads a bounded amount for a page of which nothing is wanted, and then goes on', async () => {
    const { append, pages } = aStore()
    for (let i = 0; i < 40; i++) await append(`s${i}`, [[i, 'x'.repeat(limits.logEventBytes)]])
    await append('last', [[50, 'wanted']])
    const found = await pages({ filter: { ...everyLine, all: ['wanted'] } })
    expect(found.map(({ events }) => events.length)).toEqual([0, 1])
    const newestFirst = await pages({ filter: { ...everyLine, all: ['wanted'] }, order: 'newest-first' })
    expect(newestFirst.map(({ events }) => events.length)).toEqual([1, 0])
  })

  it('finds every event once, in order, page by page, however streams overlap', async () => {
    const events = fc.array(
      fc.record({ stream: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.nat(8), long: fc.boolean() }),
      { maxLength: 60 },
    )
    const orders = fc.constantFrom<LogOrder[]>('oldest-first', 'newest-first')
    const property = fc.asyncProperty(
      events,
      orders,
      fc.integer({ min: 1, max: 9 }),
      async (printed, order, limit) => {
        const { append, pages } = aStore()
        const expected: LogPlace[] = []
        for (const { stream, at, long } of printed) {
          const number = expected.filter((place) => place.stream === stream).length
          await append(stream, [[at, long ? 'x'.repeat(70_000) : 'x']], number)
          expected.push({ timestamp: at, stream, number })
        }
        const found = await pages({ order, limit })
        for (const page of found) expect(page.events.length).toBeLessThanOrEqual(limit)
        expect(found.flatMap((page) => page.events)).toMatchObject(
          expected.toSorted((a, b) => comparePlaces(order, a, b)),
        )
      },
    )
    await fc.assert(property, { numRuns: 50 })
  })
})

describe('Logs.describeGroups', () => {
  it('lists groups by name with their age and size', async () => {
    const logs = new Logs({ sql: new NodeSql(), clock: { now: () => 9 } })
    for (const name of ['/b', '/a/x', '/a/y'])
      await logs.append([{ group: name, stream: 's', first: 0, events: [[1, 'x']] }])
    const list = async (query: object) =>
      (await logs.describeGroups({ prefix: '', part: '', limit: 50, after: '', ...query })).map(
        (view) => view.group,
      )
    expect(await list({})).toEqual(['/a/x', '/a/y', '/b'])
    expect(await list({ prefix: '/a', after: '/a/x' })).toEqual(['/a/y'])
    expect(await list({ part: 'y' })).toEqual(['/a/y'])
    expect(await list({ names: ['/b', '/c'] })).toEqual(['/b'])
    expect(await list({ limit: 1 })).toEqual(['/a/x'])
    const [view] = await logs.describeGroups({ prefix: '/b', part: '', limit: 1, after: '' })
    expect(view).toEqual({ group: '/b', createdAt: 9, storedBytes: expect.any(Number) })
  })
})
