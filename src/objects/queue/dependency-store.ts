import type { Waiter } from '../../core/decisions/ledger.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { ArrayKey, Dependency } from '../../core/model/job-record.ts'
import type { Sql } from '../../runtime/sql.ts'

const noChild = -1
/** In a watcher's row: the ends of all children are wanted, each by itself. */
const everyChild = -2

/** The SQL of who waits for whom, in this queue and from other queues. */
export class DependencyStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  insertDependency(edge: Dependency): void {
    this.sql.run(
      'INSERT OR IGNORE INTO dependency (queue, seq, child, waiter, kind, condition) VALUES (?, ?, ?, ?, ?, ?)',
      edge.queue,
      edge.seq,
      edge.index ?? noChild,
      edge.waiter,
      edge.kind,
      edge.condition,
    )
  }

  waiters(target: JobTarget, limit: number): Waiter[] {
    return this.sql.all<Waiter>(
      `SELECT waiter AS seq, condition FROM dependency
       WHERE queue = ? AND seq = ? AND child = ? AND kind = 'whole' LIMIT ?`,
      target.queue,
      target.seq,
      target.index ?? noChild,
      limit,
    )
  }

  /** Arrays of this queue that follow an array, of whichever queue, child by child. */
  followers({ queue, seq }: ArrayKey): number[] {
    return this.sql
      .all<{ waiter: number }>(
        `SELECT waiter FROM dependency WHERE queue = ? AND seq = ? AND child = ? AND kind = 'children'`,
        queue,
        seq,
        noChild,
      )
      .map(({ waiter }) => waiter)
  }

  dropFollower({ queue, seq }: ArrayKey, waiter: number): void {
    this.sql.run(
      `DELETE FROM dependency WHERE queue = ? AND seq = ? AND child = ? AND waiter = ? AND kind = 'children'`,
      queue,
      seq,
      noChild,
      waiter,
    )
  }

  dropWaiters(target: JobTarget, waiters: readonly Waiter[]): void {
    this.sql.run(
      `DELETE FROM dependency WHERE queue = ? AND seq = ? AND child = ?
         AND waiter IN (SELECT value FROM json_each(?)) AND kind = 'whole'`,
      target.queue,
      target.seq,
      target.index ?? noChild,
      JSON.stringify(waiters.map(({ seq }) => seq)),
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
      .all<{ child: number }>('SELECT child FROM watcher WHERE seq = ? AND child >= 0', seq)
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
    const queues = this.watchers(seq, index ?? noChild)
    if (queues.length > 0) this.dropWatchers(seq, index ?? noChild)
    return queues
  }

  addFollowingQueue(seq: number, queue: number): void {
    this.sql.run('INSERT OR IGNORE INTO watcher (seq, child, queue) VALUES (?, ?, ?)', seq, everyChild, queue)
  }

  /** Queues whose arrays follow array `seq` child by child. */
  followingQueues(seq: number): number[] {
    return this.watchers(seq, everyChild)
  }

  dropFollowingQueues(seq: number): void {
    this.dropWatchers(seq, everyChild)
  }

  private watchers(seq: number, child: number): number[] {
    return this.sql
      .all<{ queue: number }>('SELECT queue FROM watcher WHERE seq = ? AND child = ?', seq, child)
      .map(({ queue }) => queue)
  }

  private dropWatchers(seq: number, child: number): void {
    this.sql.run('DELETE FROM watcher WHERE seq = ? AND child = ?', seq, child)
  }
}
