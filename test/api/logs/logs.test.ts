import { describe, expect, it } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { logShard } from '../../../src/core/model/log-shard.ts'
import { accepted, refused } from '../../../src/core/model/outcome.ts'
import type { DescribeLogStreams } from '../../../src/objects/logs/logs-rpc.ts'
import { type StubbedEnv, stubbedEnv } from '../../support/api-env.ts'

const group = '/aws/batch/job'
const groupArn = `arn:aws:logs:eu-central-1:123456789012:log-group:${group}`

async function call(env: StubbedEnv, operation: string, input: object) {
  const request = new Request('http://localhost/', {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { authorization: 'Bearer the-admin-token', 'x-amz-target': `Logs_20140328.${operation}` },
  })
  return (await app.fetch(request, env)).json()
}

describe('GetLogEvents', () => {
  const page = { events: [], nextForwardToken: 'f/1', nextBackwardToken: 'b/1' }

  it.each<[string, object]>([
    ['name', { logGroupName: group }],
    ['identifier', { logGroupIdentifier: group }],
    ['ARN', { logGroupIdentifier: groupArn }],
    ['ARN with a star', { logGroupIdentifier: `${groupArn}:*` }],
  ])("asks the stream's shard, the group given by %s", async (_, named) => {
    const env = stubbedEnv({ getEvents: () => accepted(page) })
    expect(await call(env, 'GetLogEvents', { ...named, logStreamName: 's', nextToken: '' })).toEqual(page)
    expect(env.calls).toEqual([
      {
        object: `logs-${logShard(group, 's')}`,
        method: 'getEvents',
        parameters: [{ group, stream: 's', limit: 10_000, startFromHead: false }],
      },
    ])
  })

  it('passes on every choice', async () => {
    const env = stubbedEnv({ getEvents: () => accepted(page) })
    const choices = { startTime: 1, endTime: 2, limit: 3, startFromHead: true, nextToken: 'f/0' }
    await call(env, 'GetLogEvents', { logGroupName: group, logStreamName: 's', ...choices })
    expect(env.calls[0]?.parameters).toEqual([{ group, stream: 's', ...choices }])
  })

  it.each<[object, string, RegExp]>([
    [{ logGroupName: group }, 'InvalidParameterException', /^logStreamName: required$/],
    [{ logStreamName: 's' }, 'InvalidParameterException', /^logGroupName: exactly one/],
    [
      { logGroupName: group, logGroupIdentifier: group, logStreamName: 's' },
      'InvalidParameterException',
      /exactly one/,
    ],
    [
      { logGroupIdentifier: 'arn:aws:logs:us-east-1:1:log-group:g', logStreamName: 's' },
      'ResourceNotFoundException',
      /group does not exist/,
    ],
    [
      { logGroupName: group, logStreamName: 's', limit: 10_001 },
      'InvalidParameterException',
      /^limit: must be at most 10000$/,
    ],
    [{ logGroupName: group, logStreamName: 's', startTime: -1 }, 'InvalidParameterException', /^startTime/],
    [
      { logGroupName: group, logStreamName: 'missing' },
      'ResourceNotFoundException',
      /^The specified log stream does not exist\.$/,
    ],
  ])('refuses %j', async (input, code, message) => {
    const missing = refused('The specified log stream does not exist.', 'ResourceNotFoundException')
    const env = stubbedEnv({ getEvents: () => missing })
    expect(await call(env, 'GetLogEvents', input)).toEqual({
      __type: code,
      message: expect.stringMatching(message),
    })
  })
})

describe('DescribeLogStreams', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const stream = (name: string) => ({
    group,
    stream: name,
    createdAt: 1,
    lastEventAt: 100 - names.indexOf(name),
  })

  /** Shards that hold `names` between them and page as a log store does. */
  function sharded() {
    let shard = 0
    return stubbedEnv({
      describeStreams: (query: DescribeLogStreams) => {
        const own = names.filter((_, at) => at % 4 === shard).map(stream)
        shard = (shard + 1) % 4
        const byTime = query.orderBy === 'LastEventTime'
        const inOrder = byTime ? own.reverse() : own
        const after = byTime ? query.nextToken?.split('/')[1] : query.nextToken
        const isBehind = (name: string) => !after || (byTime ? name < after : name > after)
        const rest = inOrder.filter((one) => isBehind(one.stream))
        const more = rest.length > query.limit ? { nextToken: 'more' } : {}
        return accepted({ streams: rest.slice(0, query.limit), groupExists: own.length > 0, ...more })
      },
    })
  }

  it.each([
    ['LogStreamName', names],
    ['LastEventTime', names.toReversed()],
  ])('pages through all shards by %s without gap or repeat', async (orderBy, expected) => {
    const env = sharded()
    const seen: string[] = []
    let nextToken = ''
    do {
      const input = { logGroupName: group, orderBy, limit: 3, nextToken }
      const page = (await call(env, 'DescribeLogStreams', input)) as {
        logStreams: { logStreamName: string }[]
        nextToken?: string
      }
      expect(page.logStreams.length).toBeLessThanOrEqual(3)
      seen.push(...page.logStreams.map(({ logStreamName }) => logStreamName))
      nextToken = page.nextToken ?? ''
    } while (nextToken !== '')
    expect(seen).toEqual(expected)
  })

  it('shows a stream as CloudWatch Logs does', async () => {
    const view = { group, stream: 's', createdAt: 1, firstEventAt: 2, lastEventAt: 3, lastIngestedAt: 4 }
    let asked = 0
    const env = stubbedEnv({
      describeStreams: () => accepted({ streams: asked++ === 0 ? [view] : [], groupExists: asked === 1 }),
    })
    expect(await call(env, 'DescribeLogStreams', { logGroupIdentifier: groupArn })).toEqual({
      logStreams: [
        {
          logStreamName: 's',
          creationTime: 1,
          firstEventTimestamp: 2,
          lastEventTimestamp: 3,
          lastIngestionTime: 4,
          arn: `${groupArn}:log-stream:s`,
          storedBytes: 0,
        },
      ],
    })
  })

  it.each<[object, string, string]>([
    [{ logGroupName: 'none' }, 'ResourceNotFoundException', 'The specified log group does not exist.'],
    [
      { logGroupName: group, nextToken: 'x' },
      'InvalidParameterException',
      'nextToken: not a token of this operation',
    ],
    [{ logGroupName: group, limit: 51 }, 'InvalidParameterException', 'limit: must be at most 50'],
    [
      { logGroupName: group, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' },
      'InvalidParameterException',
      'orderBy: LastEventTime cannot be combined with logStreamNamePrefix',
    ],
  ])('refuses %j', async (input, code, message) => {
    const env = stubbedEnv({ describeStreams: () => accepted({ streams: [], groupExists: false }) })
    expect(await call(env, 'DescribeLogStreams', input)).toEqual({ __type: code, message })
  })
})
