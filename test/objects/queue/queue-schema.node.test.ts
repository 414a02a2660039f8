import { describe, expect, it } from 'vitest'
import { queueMigrations } from '../../../src/objects/queue/queue-schema.ts'
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
