import type { JobView } from '../../core/model/job.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { BlockedEvent } from './queue-rpc.ts'

/** Events kept of one queue. */
const keptEvents = 200

/** The SQL of the times a queue was blocked; the oldest make room. Methods that write belong into the owner's transaction. */
export class BlockedEventStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  add(at: number, job: JobView): void {
    this.sql.run('INSERT INTO blocked_event (at, job) VALUES (?, ?)', at, JSON.stringify(job))
    this.sql.run('DELETE FROM blocked_event WHERE id <= (SELECT max(id) FROM blocked_event) - ?', keptEvents)
  }

  /** Newest first, below the event `before`. */
  below(before = Number.MAX_SAFE_INTEGER, limit = keptEvents): BlockedEvent[] {
    return this.sql
      .all<{ id: number; at: number; job: string }>(
        'SELECT id, at, job FROM blocked_event WHERE id < ? ORDER BY id DESC LIMIT ?',
        before,
        limit,
      )
      .map(({ id, at, job }) => ({ id, at, job: JSON.parse(job) }))
  }
}
