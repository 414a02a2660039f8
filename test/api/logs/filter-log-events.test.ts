import { describe, expect, it } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { logEventId } from '../../../src/core/model/log-place.ts'
import { logShard } from '../../../src/core/model/log-shard.ts'
import { Logs } from '../../../src/objects/logs/logs.ts'
import type { DescribeLogGroups, SearchLogs } from '../../../src/objects/logs/logs-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { type StubbedEnv, stubbedEnv } from '../../support/api-env.ts'

const group = '/aws/batch/job'
const groupArn = `arn:aws:logs:eu-central-1:123456789012:log-group:${group}`
/** Kept by every store, see `logShard`. */
const streams = ['work/default/0', 'work/default/1', 'work/default/2', 'work/default/3', 'work/default/4']

/** Four real log stores, reached in the order of their numbers. */
async function stores(linesOf: (stream: string, at: number) => [number, string][]): Promise<StubbedEnv> {
  const shards = Array.from({ length: 4 }, () => new Logs({ sql: new NodeSql(), clock: { now: () => 9 } }))
  for (const [at, stream] of streams.entries())
    await shards[logShard(group, stream)]!.append([{ group, stream, first: 0, events: linesOf(stream, at) }])
  let asked = 0
  const next = () => shards[asked++ % 4]!
  return stubbedEnv({
    search: (query: SearchLogs) => next().search(query),
    describeGroups: (query: DescribeLogGroups) => next().describeGroups(query),
  })
}

type Page = {
  events: { logStreamName: string; timestamp: number; message: string; eventId: string }[]
  logGroups: object[]
  nextToken?: string
}

async function call(env: StubbedEnv, operation: string, input: object): Promise<Page> {
  const request = new Request('http://localhost/', {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { authorization: 'Bearer the-admin-token', 'x-amz-target': `Logs_20140328.${operation}` },
  })
  return (await app.fetch(request, env)).json() as Promise<Page>
}

async function allPages(env: StubbedEnv, operation: string, input: object): Promise<Page[]> {
  const pages: Page[] = []
  let nextToken = ''
  do {
    const page = await call(env, operation, { ...input, nextToken })
    pages.push(page)
    nextToken = page.nextToken ?? ''
  } while (nextToken !== '')
  return pages
}

describe('FilterLogEvents', () => {
  const lines = (stream: string, at: number): [number, string][] =>
    Array.from({ length: 7 }, (_, i) => [i * 10 + at, `${stream} ${i}`])

  it('shows an event as CloudWatch Logs does', async () => {
    const env = await stores(() => [[5, 'x']])
    expect(
      await call(env, 'FilterLogEvents', { logGroupIdentifier: groupArn, logStreamNames: [streams[1]] }),
    ).toEqual({
      events: [
        {
          logStreamName: streams[1],
          timestamp: 5,
          message: 'x',
          ingestionTime: 9,
          eventId: logEventId(group, { timestamp: 5, stream: streams[1]!, number: 0 }),
        },
      ],
      searchedLogStreams: [],
    })
  })

  it.each([
    [true, 0],
    [false, Date.UTC(2024, 0, 1)],
  ])('pages through all stores in order of time (from the head: %s)', async (startFromHead, from) => {
    const env = await stores((stream, at) => lines(stream, at).map(([time, text]) => [from + time, text]))
    const input = { logGroupName: group, limit: 4, startFromHead, startTime: from }
    const pages = await allPages(env, 'FilterLogEvents', input)
    for (const page of pages) expect(page.events.length).toBeLessThanOrEqual(4)
    const events = pages.flatMap((page) => page.events)
    const inOrder = events.toSorted((a, b) => a.timestamp - b.timestamp)
    expect(events).toEqual(startFromHead ? inOrder : inOrder.toReversed())
    expect(events).toHaveLength(35)
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(35)
  })

  it('includes both ends of the range, and finds by pattern and prefix', async () => {
    const env = await stores(lines)
    const input = { logGroupName: group, logStreamNamePrefix: 'work/default/', startTime: 20, endTime: 22 }
    const [page] = await allPages(env, 'FilterLogEvents', { ...input, filterPattern: '?"/0" ?"/2"' })
    expect(page!.events.map(({ timestamp }) => timestamp)).toEqual([20, 22])
  })

  it('lets streams be missing as long as one is there', async () => {
    const env = await stores(lines)
    const input = { logGroupName: group, logStreamNames: [streams[0], 'none'] }
    expect((await call(env, 'FilterLogEvents', input)).events).toHaveLength(7)
  })

  it.each<[object, string, string]>([
    [{}, 'InvalidParameterException', 'logGroupName: exactly one of'],
    [{ logGroupName: 'none' }, 'ResourceNotFoundException', 'The specified log group does not exist.'],
    [
      { logGroupName: group, logStreamNames: ['none'] },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    ],
    [
      { logGroupName: group, logStreamNames: ['a'], logStreamNamePrefix: 'a' },
      'InvalidParameterException',
      'logStreamNamePrefix: cannot be combined with logStreamNames',
    ],
    [
      { logGroupName: group, nextToken: 'x' },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    ],
    [
      { logGroupName: group, nextToken: '!' },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    ],
    [
      { logGroupName: group, filterPattern: '{ $.a = 1 }' },
      'InvalidParameterException',
      'Invalid filter pattern',
    ],
    [
      { logGroupName: group, startFromHead: false },
      'InvalidParameterException',
      'startFromHead: false needs',
    ],
  ])('refuses %j', async (input, __type, message) => {
    const env = await stores(lines)
    expect(await call(env, 'FilterLogEvents', input)).toEqual({
      __type,
      message: expect.stringContaining(message),
    })
  })
})

describe('DescribeLogGroups', () => {
  it('adds up what the stores know of a group', async () => {
    const env = await stores(() => [[5, 'x']])
    const { logGroups } = await call(env, 'DescribeLogGroups', { logGroupNamePrefix: '/aws' })
    expect(logGroups).toEqual([
      {
        logGroupName: group,
        creationTime: 9,
        metricFilterCount: 0,
        arn: `${groupArn}:*`,
        storedBytes: 5 * '[9,[[5,"x"]]]'.length,
        logGroupClass: 'STANDARD',
        logGroupArn: groupArn,
      },
    ])
  })

  it('pages by name', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    let shard = 0
    const env = stubbedEnv({
      describeGroups: ({ after, limit }: DescribeLogGroups) => {
        const own = names.filter((name, at) => name > after && (at + shard) % 2 === 0)
        shard++
        return own.slice(0, limit).map((name) => ({ group: name, createdAt: 1, storedBytes: 1 }))
      },
    })
    const pages = await allPages(env, 'DescribeLogGroups', { limit: 2 })
    const seen = pages.flatMap(({ logGroups }) =>
      logGroups.map((one) => (one as { logGroupName: string }).logGroupName),
    )
    expect(seen).toEqual(names)
  })

  it('knows nothing of other classes and other accounts', async () => {
    const env = await stores(() => [[5, 'x']])
    expect(await call(env, 'DescribeLogGroups', { logGroupClass: 'DELIVERY' })).toEqual({ logGroups: [] })
    const logGroupIdentifiers = ['arn:aws:logs:eu-central-1:1:log-group:/aws/batch/job']
    expect(await call(env, 'DescribeLogGroups', { logGroupIdentifiers })).toEqual({ logGroups: [] })
  })
})
