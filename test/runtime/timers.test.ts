import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../src/runtime/migrate.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import { Timers, timersMigration } from '../../src/runtime/timers.ts'

function setUp() {
  const sql = new NodeSql()
  migrate(sql, [timersMigration])
  const alarms: (number | null)[] = []
  const open = () => new Timers(sql, { set: (at) => alarms.push(at) })
  return { sql, alarms, open, timers: open() }
}

describe('Timers', () => {
  it('moves the alarm only when the earliest moment changes', () => {
    const { timers, alarms } = setUp()
    timers.set('b', 20)
    timers.set('c', 30)
    timers.set('c', 30)
    timers.setVolatile('a', 10)
    timers.set('b', 25)
    timers.cancel('c')
    timers.cancel('never set')
    timers.cancel('a')
    timers.cancel('b')
    expect(alarms).toEqual([20, 10, 25, null])
  })

  it('hands out what is due once, earliest first, and arms for the rest', () => {
    const { timers, alarms } = setUp()
    timers.set('late', 30)
    timers.set('second', 12)
    timers.setVolatile('first', 11)
    expect(timers.due(20)).toEqual(['first', 'second'])
    expect(timers.due(20)).toEqual([])
    expect(alarms.at(-1)).toBe(30)
    expect(timers.at('late')).toBe(30)
    expect(timers.at('first')).toBeUndefined()
  })

  it('arms again after an alarm that rang early', () => {
    const { timers, alarms } = setUp()
    timers.set('a', 10)
    expect(timers.due(9)).toEqual([])
    expect(alarms).toEqual([10, 10])
  })

  it('leaves the alarm alone when nothing follows the one that rang', () => {
    const { timers, alarms } = setUp()
    timers.set('a', 10)
    expect(timers.due(10)).toEqual(['a'])
    expect(alarms).toEqual([10])
  })

  it('writes no row for a volatile timer or for a moment already set', () => {
    const { timers, sql } = setUp()
    timers.set('a', 10)
    const before = sql.rowsWritten()
    timers.setVolatile('b', 5)
    timers.set('a', 10)
    timers.cancel('b')
    expect(sql.rowsWritten()).toBe(before)
  })

  it('keeps durable timers through a restart and drops volatile ones', () => {
    const { timers, open } = setUp()
    timers.set('durable', 10)
    timers.setVolatile('volatile', 5)
    expect(open().due(10)).toEqual(['durable'])
  })

  it('leaves a right alarm alone at boot and mends a lost one', () => {
    const { timers, open, alarms } = setUp()
    timers.set('a', 10)
    open().resume(10)
    expect(alarms).toEqual([10])
    open().resume(null)
    expect(alarms).toEqual([10, 10])
  })

  it('arms for what is stored after a transaction was undone', () => {
    const { timers, alarms, sql } = setUp()
    timers.set('a', 10)
    const undone = () =>
      sql.transaction(() => {
        timers.cancel('a')
        throw new Error('undone')
      })
    expect(undone).toThrow('undone')
    timers.arm()
    expect(alarms).toEqual([10, null, 10])
  })

  it('always has the alarm at the earliest timer, whatever was done before', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const at = fc.integer({ min: 1, max: 50 })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key, at }),
      fc.record({ kind: fc.constant('volatile' as const), key: key.map((name) => `v-${name}`), at }),
      fc.record({ kind: fc.constant('cancel' as const), key: fc.constantFrom('a', 'v-a', 'b') }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { timers, alarms } = setUp()
        const expected = new Map<string, number>()
        for (const one of steps) {
          if (one.kind === 'cancel') {
            timers.cancel(one.key)
            expected.delete(one.key)
          } else {
            if (one.kind === 'set') timers.set(one.key, one.at)
            else timers.setVolatile(one.key, one.at)
            expected.set(one.key, one.at)
          }
          expect(alarms.at(-1) ?? null).toBe(expected.size ? Math.min(...expected.values()) : null)
        }
        expect(timers.due(50).sort()).toEqual([...expected.keys()].sort())
      }),
      { numRuns: 50 },
    )
  })
})
