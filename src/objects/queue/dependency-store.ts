import type { JobTarget } from '../../core/model/ids.ts'
import type { Dependency } from '../../core/model/job-record.ts'
import type { Sql } from '../../runtime/sql.ts'

const noChild = -1

/** The SQL of who waits for whom, in this queue and from other queues. */
export class DependencyStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  insertDependency(edge: Dependency): void {
    this.sql.run(
      'INSERT OR IGNORE INTO dependency (queue, seq, child, waiter, kind) VALUES (?, ?, ?, ?, ?)',
      edge.queue,
      edge.seq,
      edge.index ?? noChild,
      edge.waiter,
      edge.kind,
    )
  }

  waiters(target: JobTarget): number[] {
    return this.sql
      .all<{ waiter: number }>(
        `SELECT waiter FROM dependency WHERE queue = ? AND seq = ? AND child = ? AND kind = 'whole'`,
        target.queue,
        target.seq,
        target.index ?? noChild,
      )
      .map(({ waiter }) => waiter)
  }

  dropWaiters(target: JobTarget): void {
    this.sql.run(
      `DELETE FROM dependency WHERE queue = ? AND seq = ? AND child = ? AND kind = 'whole'`,
      target.queue,
      target.seq,
      target.index ?? noChild,
    )
  }

  /** Who waits for anything about an array: arrays that follow it child by child, and waiters for single children. */
  childInterest(queue: number, seq: number): { followers: number[]; children: Set<number> } {
    const rows = this.sql.all<{ child: number; waiter: number; kind: string }>(
      'SELECT child, waiter, kind FROM dependency WHERE queue = ? AND seq = ?',
      queue,
      seq,
    )
    return {
      followers: rows.filter(({ kind }) => kind === 'children').map(({ waiter }) => waiter),
      children: new Set(rows.filter(({ child }) => child !== noChild).map(({ child }) => child)),
    }
  }

  watchedChildren(seq: number): number[] {
    return this.sql
      .all<{ child: number }>('SELECT child FROM watcher WHERE seq = ? AND child <> ?', seq, noChild)
      .map(({ child }) => child)
  }

  addWatcher(seq: number, index: number | undefined, queue: number): void {
    this.sql.run(
      'INSERT OR IGNORE INTO watcher (seq, child, queue) VALUES (?, ?, ?)',
      seq,
      index ?? noChild,
      queue,
    )
  }

  /** The queues that watch a job, taken off the list. */
  takeWatchers(seq: number, index: number | undefined): number[] {
    const rows = this.sql.all<{ queue: number }>(
      'SELECT queue FROM watcher WHERE seq = ? AND child = ?',
      seq,
      index ?? noChild,
    )
    if (rows.length > 0)
      this.sql.run('DELETE FROM watcher WHERE seq = ? AND child = ?', seq, index ?? noChild)
    return rows.map(({ queue }) => queue)
  }
}
