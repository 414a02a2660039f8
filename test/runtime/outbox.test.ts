import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { migrate } from '../../src/runtime/migrate.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import { type Deliver, Outbox, outboxMigration, outboxTimer } from '../../src/runtime/outbox.ts'
import { Timers, timersMigration } from '../../src/runtime/timers.ts'

function setUp() {
  const sql = new NodeSql()
  migrate(sql, [timersMigration, outboxMigration])
  const time = { at: 1000 }
  const clock = { now: () => time.at }
  const timers = new Timers(sql, { set: () => {} })
  const open = () => new Outbox(sql, clock, timers)
  return { sql, time, timers, open, outbox: open() }
}

/** Records deliveries; those to `broken` destinations fail, those to `held` ones wait for `release`. */
function recorder() {
  const sent: [string, string[]][] = []
  const broken = new Set<string>()
  const held = new Map<string, PromiseWithResolvers<void>>()
  const deliver: Deliver = async (destination, bodies) => {
    sent.push([destination, bodies])
    await held.get(destination)?.promise
    if (broken.has(destination)) throw new Error(`${destination} is away`)
  }
  return { sent, broken, held, deliver }
}

describe('Outbox', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('delivers in order per destination and forgets what is acknowledged', async () => {
    const { outbox } = setUp()
    const { sent, deliver } = recorder()
    outbox.add('a', '1')
    outbox.add('b', 'x')
    outbox.add('a', '2')
    expect(outbox.undelivered()).toBe(3)
    await outbox.drain(deliver)
    expect(sent).toEqual([
      ['a', ['1', '2']],
      ['b', ['x']],
    ])
    expect(outbox.undelivered()).toBe(0)
  })

  it('sends at most 100 messages at once', async () => {
    const { outbox } = setUp()
    const { sent, deliver } = recorder()
    for (let i = 0; i < 250; i++) outbox.add('a', `${i}`)
    await outbox.drain(deliver)
    expect(sent.map(([, bodies]) => bodies.length)).toEqual([100, 100, 50])
    expect(sent.flatMap(([, bodies]) => bodies)).toEqual(Array.from({ length: 250 }, (_, i) => `${i}`))
  })

  it('has one delivery in flight per destination and sends later messages after it', async () => {
    const { outbox } = setUp()
    const { sent, held, deliver } = recorder()
    held.set('a', Promise.withResolvers())
    outbox.add('a', '1')
    const first = outbox.drain(deliver)
    outbox.add('a', '2')
    const second = outbox.drain(deliver)
    expect(sent).toEqual([['a', ['1']]])
    held.get('a')!.resolve()
    await Promise.all([first, second])
    expect(sent).toEqual([
      ['a', ['1']],
      ['a', ['2']],
    ])
  })

  it('does not let a destination that hangs hold up another', async () => {
    const { outbox } = setUp()
    const { held, sent, deliver } = recorder()
    held.set('a', Promise.withResolvers())
    outbox.add('a', '1')
    const hanging = outbox.drain(deliver)
    outbox.add('b', '2')
    const other = outbox.drain(deliver)
    await vi.waitFor(() => expect(outbox.undelivered()).toBe(1))
    expect(sent.at(-1)).toEqual(['b', ['2']])
    held.get('a')!.resolve()
    await Promise.all([hanging, other])
  })

  it('retries a failed destination with growing back-off while others go on', async () => {
    const { outbox, time, timers } = setUp()
    const { sent, broken, deliver } = recorder()
    broken.add('a')
    outbox.add('a', '1')
    outbox.add('b', '2')
    const waits: number[] = []
    for (let failure = 0; failure < 12; failure++) {
      await outbox.drain(deliver)
      await outbox.drain(deliver)
      waits.push(timers.at(outboxTimer)! - time.at)
      time.at = timers.at(outboxTimer)!
      while (timers.at(outboxTimer)! <= time.at) timers.due(time.at)
    }
    expect(sent.filter(([destination]) => destination === 'b')).toHaveLength(1)
    expect(waits.slice(0, 7)).toEqual([100, 200, 400, 800, 1600, 3200, 6400])
    broken.delete('a')
    time.at += 60_000
    await outbox.drain(deliver)
    expect(outbox.undelivered()).toBe(0)
  })

  it('reports a destination that throws at once like one that rejects', async () => {
    const { outbox, time } = setUp()
    const { sent, deliver } = recorder()
    outbox.add('a', '1')
    await outbox.drain(() => {
      throw new Error('at once')
    })
    time.at += 100
    await outbox.drain(deliver)
    expect(sent).toEqual([['a', ['1']]])
  })

  it('sends what a crash left, woken by the timer that add has set', async () => {
    const { outbox, timers, open, time } = setUp()
    const { sent, deliver } = recorder()
    outbox.add('a', '1')
    expect(timers.at(outboxTimer)).toBe(time.at + 10_000)
    await open().drain(deliver)
    expect(sent).toEqual([['a', ['1']]])
  })

  it('adds nothing when the transaction is undone', () => {
    const { outbox, sql } = setUp()
    const undone = () =>
      sql.transaction(() => {
        outbox.add('a', '1')
        throw new Error('undone')
      })
    expect(undone).toThrow('undone')
    expect(outbox.undelivered()).toBe(0)
  })
})
