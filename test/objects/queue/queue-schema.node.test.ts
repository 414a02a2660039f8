import { describe, expect, it } from 'vitest'
import { jobStates } from '../../../src/core/model/job.ts'
import { packProgress } from '../../../src/core/model/progress.ts'
import { queueMigrations } from '../../../src/objects/queue/queue-schema.ts'
import { QueueStore } from '../../../src/objects/queue/queue-store.ts'
import { ReadyStore } from '../../../src/objects/queue/ready-store.ts'
import { migrate } from '../../../src/runtime/migrate.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'

describe('a queue that was written before shares had an order of their own', () => {
  it('has its jobs in the shares that their requests name', () => {
    const sql = new NodeSql()
    const at = queueMigrations.findIndex(({ id }) => id === 'queue-shares-1')
    migrate(sql, queueMigrations.slice(0, at))
    const shares = ['red', 'blue', undefined, 'red']
    for (const [i, shareIdentifier] of shares.entries())
      sql.run(
        `INSERT INTO job (seq, ready, front, priority, state, created_at, definition, unmet, progress, request)
         VALUES (?, 1, 0, 0, 2, 0, 1, 0, '', ?)`,
        i + 1,
        JSON.stringify({ jobName: 'job', shareIdentifier }),
      )
    migrate(sql, queueMigrations)
    const ready = new ReadyStore(sql)
    const seqs = (share: string | undefined) =>
      ready.entries(ready.shareNumber(share), undefined, 10).map(({ seq }) => seq)
    expect(['red', 'blue', undefined].map(seqs)).toEqual([[1, 4], [2], [3]])
    expect(ready.shareCount).toBe(2)
  })
})

describe('a queue that was written when 64 neighbours were known together to have ended ones', () => {
  it('finds its ended jobs', () => {
    const sql = new NodeSql()
    const at = queueMigrations.findIndex(({ id }) => id === 'queue-ended-2')
    migrate(sql, queueMigrations.slice(0, at))
    for (let seq = 1; seq <= 200; seq++)
      sql.run(
        `INSERT INTO job (seq, ready, front, priority, state, created_at, definition, unmet, progress, request)
         VALUES (?, 0, 0, 0, ?, 0, 1, 0, ?, '{}')`,
        seq,
        jobStates.indexOf(seq % 50 === 0 ? 'FAILED' : 'RUNNABLE'),
        JSON.stringify(packProgress({ state: 'FAILED', attempts: [] })),
      )
    sql.run(
      'INSERT INTO ended_block (state, block) VALUES (?, 0), (?, 1), (?, 2), (?, 3)',
      ...Array(4).fill(jobStates.indexOf('FAILED')),
    )
    sql.run('INSERT INTO definition (id, name, revision, body) VALUES (1, ?, 1, ?)', 'definition', '{}')
    migrate(sql, queueMigrations)
    const store = new QueueStore(sql)
    const found = store.jobsWithin({ from: 0, before: 1_000 }, { states: ['FAILED'] }, 100)
    expect(found.map(({ seq }) => seq)).toEqual([200, 150, 100, 50])
  })
})
