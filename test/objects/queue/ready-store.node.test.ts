import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queueMigrations } from '../../../src/objects/queue/queue-schema.ts'
import { compareOrder, type OrderKey, ReadyStore } from '../../../src/objects/queue/ready-store.ts'
import { migrate } from '../../../src/runtime/migrate.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'

const key: fc.Arbitrary<Omit<OrderKey, 'seq'>> = fc.record({
  share: fc.nat(3),
  priority: fc.nat(2),
  front: fc.boolean(),
})

function storeOf(keys: OrderKey[]): ReadyStore {
  const sql = new NodeSql()
  migrate(sql, queueMigrations)
  for (const { seq, share, priority, front } of keys)
    sql.run(
      `INSERT INTO job (seq, ready, front, share, priority, state, created_at, definition, unmet, progress, request)
       VALUES (?, 1, ?, ?, ?, 2, 0, 1, 0, '', '')`,
      seq,
      front ? 1 : 0,
      share,
      priority,
    )
  return new ReadyStore(sql)
}

describe('the jobs that stand before one in its share', () => {
  it('are counted, up to a limit', () => {
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 12 }),
        (jobs, most) => {
          const keys = jobs.map((job, i) => ({ ...job, seq: i + 1 }))
          const store = storeOf(keys)
          for (const job of keys) {
            const ahead = keys.filter(
              (other) => other.share === job.share && compareOrder(other, job) < 0,
            ).length
            expect(store.countAhead(job, most)).toBe(Math.min(ahead, most))
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('the shares with jobs', () => {
  it('come with the first job of each', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), (jobs) => {
        const keys = jobs.map((job, i) => ({ ...job, seq: i + 1 }))
        const firsts = [...Map.groupBy(keys, ({ share }) => share)].map(([share, of]) => ({
          share,
          first: of.toSorted(compareOrder)[0]!.seq,
        }))
        expect(storeOf(keys).sharesWithJobs()).toEqual(firsts.toSorted((a, b) => a.share - b.share))
      }),
      { numRuns: 50 },
    )
  })
})
