import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import { everyLine } from '../../../src/core/model/log-filter.ts'
import { Logs } from '../../../src/objects/logs/logs.ts'
import type { TailLogs, TailUpdate } from '../../../src/objects/logs/logs-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { logEvents } from '../../support/log-batches.ts'

const group = '/aws/batch/job'

function aStore() {
  let now = 5_000_000
  const logs = new Logs({ sql: new NodeSql(), clock: { now: () => now } })
  const append = (stream: string, count: number, first = 0) =>
    logs.append([{ group, stream, first, events: logEvents(count, first) }])
  const hear = async (query: Partial<TailLogs> = {}): Promise<TailUpdate> => {
    const outcome = await logs.hear({ session: 'one', groups: [group], filter: everyLine, ...query })
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    return outcome.value
  }
  const heard = async (query: Partial<TailLogs> = {}) =>
    (await hear(query)).events.map(({ message }) => message)
  const wait = (ms: number) => {
    now += ms
  }
  return { logs, append, hear, heard, wait }
}

describe('Logs.hear', () => {
  it('tells what is stored from the first question on, each line once', async () => {
    const { append, hear, heard } = aStore()
    await append('a', 2)
    expect(await hear()).toEqual({ isNew: true, sampled: false, events: [] })
    await append('a', 3)
    expect(await hear()).toEqual({
      isNew: false,
      sampled: false,
      events: [{ group, stream: 'a', timestamp: 1_002_000, message: 'line 2', ingestionTime: 5_000_000 }],
    })
    await append('a', 3)
    expect(await heard()).toEqual([])
  })

  it.each<[string, Partial<TailLogs>, string[]]>([
    ['all', {}, ['a/1', 'a/2', 'b/1']],
    ['named streams', { streams: ['a/2', 'c'] }, ['a/2']],
    ['streams by prefix', { prefixes: ['b', 'a/1'] }, ['a/1', 'b/1']],
    ['another group', { groups: ['other'] }, []],
    ['lines that match', { filter: { ...everyLine, all: ['line 7'] } }, []],
  ])('hears %s', async (_, query, expected) => {
    const { append, hear } = aStore()
    await hear(query)
    for (const stream of ['a/1', 'a/2', 'b/1']) await append(stream, 1)
    expect((await hear(query)).events.map(({ stream }) => stream)).toEqual(expected)
  })

  it('keeps what listeners leave waiting within bounds, and says so', async () => {
    const { logs, append, hear } = aStore()
    await hear()
    await append('a', limits.liveTailEvents + 1)
    expect(await hear()).toMatchObject({ sampled: true, events: { length: limits.liveTailEvents } })
    expect(await hear()).toMatchObject({ sampled: false, events: [] })
    const huge = 'x'.repeat(limits.logPageBytes / 4)
    const events = Array.from({ length: 9 }, (_, i): [number, string] => [i, huge])
    await logs.append([{ group, stream: 'b', first: 0, events }])
    expect(await hear()).toMatchObject({ sampled: true, events: { length: 3 } })
  })

  it('forgets who does not ask any more', async () => {
    const { append, hear, wait } = aStore()
    for (let i = 0; i < limits.liveTails; i++) await hear({ session: `s${i}` })
    await expect(hear()).rejects.toThrow('LimitExceededException')
    wait(limits.liveTailSilenceMs + 1)
    expect(await hear({ session: 's1' })).toMatchObject({ isNew: false })
    expect(await hear()).toMatchObject({ isNew: true })
    await append('a', 1)
    expect(await hear({ session: 's1' })).toMatchObject({ isNew: false, events: { length: 1 } })
    expect(await hear({ session: 's2' })).toMatchObject({ isNew: true, events: [] })
  })

  it('knows which groups are here', async () => {
    const { logs, append } = aStore()
    await append('a', 1)
    expect(await logs.knownGroups([group, 'other'])).toEqual([group])
  })
})
