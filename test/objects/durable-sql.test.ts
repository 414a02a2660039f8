import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { DurableAlarm } from '../../src/runtime/durable-alarm.ts'
import { DurableSql } from '../../src/runtime/durable-sql.ts'
import { migrate } from '../../src/runtime/migrate.ts'
import { Timers, timersMigration } from '../../src/runtime/timers.ts'
import { describeSqlContract } from '../contract/sql-contract.ts'

function withStorage<Result>(body: (state: DurableObjectState) => Result | Promise<Result>): Promise<Result> {
  const stub = env.SCRATCH.get(env.SCRATCH.newUniqueId())
  return runInDurableObject(stub, (_, state) => body(state))
}

describeSqlContract('DurableSql', (body) => withStorage((state) => body(new DurableSql(state.storage))))

describe('DurableSql', () => {
  it('counts index entries among the rows written', () =>
    withStorage(({ storage }) => {
      const sql = new DurableSql(storage)
      sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER) STRICT; CREATE INDEX t_v ON t (v)')
      const before = sql.rowsWritten()
      sql.run('INSERT INTO t VALUES (?, ?)', 1, 1)
      expect(sql.rowsWritten() - before).toBe(2)
    }))

  it('writes nothing when a migrated database is migrated again', () =>
    withStorage(({ storage }) => {
      migrate(new DurableSql(storage), [timersMigration])
      const again = new DurableSql(storage)
      migrate(again, [timersMigration])
      expect(again.rowsWritten()).toBe(0)
    }))
})

describe('DurableAlarm', () => {
  it('is set and removed by timers, which know it again after a restart', () =>
    withStorage(async ({ storage }) => {
      const sql = new DurableSql(storage)
      migrate(sql, [timersMigration])
      const at = Date.now() + 3_600_000
      new Timers(sql, new DurableAlarm(storage)).set('a', at)
      expect(await storage.getAlarm()).toBe(at)

      const alarm = new DurableAlarm(storage)
      const timers = new Timers(sql, alarm)
      timers.resume(await alarm.armed())
      expect(alarm.rowsWritten()).toBe(0)
      timers.cancel('a')
      expect(await storage.getAlarm()).toBeNull()
    }))

  it('goes back to what it was when the transaction is undone', () =>
    withStorage(async ({ storage }) => {
      const sql = new DurableSql(storage)
      migrate(sql, [timersMigration])
      const timers = new Timers(sql, new DurableAlarm(storage))
      const at = Date.now() + 3_600_000
      timers.set('a', at)
      const undone = () =>
        sql.transaction(() => {
          timers.set('b', at - 1000)
          throw new Error('undone')
        })
      expect(undone).toThrow('undone')
      timers.arm()
      expect(await storage.getAlarm()).toBe(at)
    }))
})
