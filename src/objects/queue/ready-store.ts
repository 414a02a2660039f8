import { jobStates } from '../../core/model/job.ts'
import type { Sql } from '../../runtime/sql.ts'

/** Where a job stands among those of its share; without shares all are of share 0, and it is the queue's order. */
export type OrderKey = { share: number; priority: number; front: boolean; seq: number }

/** Negative when `a` stands before `b` in one share: higher priority, then retried before new, then age. */
export function compareOrder(a: OrderKey, b: OrderKey): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.front !== b.front) return a.front ? -1 : 1
  return a.seq - b.seq
}

type Row = { seq: number; priority: number; front: number }

/** The SQL of jobs that may have something to place, by an index that holds nothing else; and of shares. Writes belong into the owner's transaction. */
export class ReadyStore {
  private readonly sql: Sql
  private readonly names = new Map<number, string>()
  private readonly numbers = new Map<string, number>()

  constructor(sql: Sql) {
    this.sql = sql
    this.reload()
  }

  /** After a commit that failed: forgets what it had written. */
  reload(): void {
    this.names.clear()
    this.numbers.clear()
    for (const { id, name } of this.sql.all<{ id: number; name: string }>('SELECT id, name FROM share'))
      this.remember(id, name)
  }

  /** The number of a share, which is stored on first use; 0 for none. */
  shareNumber(name: string | undefined): number {
    if (name === undefined) return 0
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    const number = this.names.size + 1
    this.sql.run('INSERT INTO share (id, name) VALUES (?, ?)', number, name)
    this.remember(number, name)
    return number
  }

  /** How many shares there have ever been. */
  get shareCount(): number {
    return this.names.size
  }

  /** Shares with jobs in PENDING, by a look at each of these. */
  pendingShares(): number[] {
    return this.sql
      .all<{ share: number }>(
        `SELECT DISTINCT share FROM job INDEXED BY job_pending WHERE state = ${jobStates.indexOf('PENDING')}`,
      )
      .map(({ share }) => share)
  }

  /** Of a share that there has been. */
  numberOf(name: string): number | undefined {
    return this.numbers.get(name)
  }

  /** Empty for 0. */
  shareName(number: number): string {
    return this.names.get(number) ?? ''
  }

  /** Up to `limit` jobs of a share in order, behind `after`. */
  entries(share: number, after: OrderKey | undefined, limit: number): OrderKey[] {
    const found: OrderKey[] = []
    const read = (where: string, ...key: number[]) => {
      if (found.length === limit) return
      const query = `${readyQuery('seq, priority, front', `share = ? ${where}`)} LIMIT ?`
      const rows = this.sql.all<Row>(query, share, ...key, limit - found.length)
      for (const { seq, priority, front } of rows) found.push({ share, priority, front: front === 1, seq })
    }
    if (!after) read('')
    else {
      const front = after.front ? 1 : 0
      read('AND priority = ? AND front = ? AND seq > ?', after.priority, front, after.seq)
      if (after.front) read('AND priority = ? AND front = 0', after.priority)
      read('AND priority < ?', after.priority)
    }
    return found
  }

  /** The shares that have such jobs, with the sequence number of each one's first, by a look at the index for each. */
  sharesWithJobs(): { share: number; first: number }[] {
    return this.sql.all(
      `WITH RECURSIVE waiting (share) AS (
         SELECT min(share) FROM job INDEXED BY job_ready WHERE ready = 1
         UNION ALL
         SELECT (SELECT min(share) FROM job INDEXED BY job_ready WHERE ready = 1 AND share > waiting.share)
         FROM waiting WHERE share IS NOT NULL
       )
       SELECT share, (${readyQuery('seq', 'job.share = waiting.share')} LIMIT 1) AS first
       FROM waiting WHERE share IS NOT NULL`,
    )
  }

  /** How many jobs stand before `key` in its share, counted up to `most`; it costs what it counts. */
  countAhead({ share, priority, front, seq }: OrderKey, most: number): number {
    const place = front ? 1 : 0
    const ranges: [where: string, ...key: number[]][] = [
      ['priority > ?', priority],
      ['priority = ? AND front > ?', priority, place],
      ['priority = ? AND front = ? AND seq < ?', priority, place, seq],
    ]
    let count = 0
    for (const [where, ...key] of ranges) {
      const source = `FROM job INDEXED BY job_ready WHERE ready = 1 AND share = ? AND ${where}`
      // To skip entries takes half as long as to count up to a limit.
      const reaches = this.sql.one(`SELECT seq ${source} LIMIT 1 OFFSET ?`, share, ...key, most - count - 1)
      if (reaches) return most
      count += this.sql.one<{ ahead: number }>(`SELECT count(*) AS ahead ${source}`, share, ...key)!.ahead
    }
    return count
  }

  /**
   * Single jobs that wait to be placed and arrays with something to place; undefined where there are more than `limit`.
   * By the index of the order, so that ended jobs cost nothing.
   */
  seqs(limit: number): number[] | undefined {
    const rows = this.sql.all<{ seq: number }>(
      'SELECT seq FROM job INDEXED BY job_ready WHERE ready = 1 LIMIT ?',
      limit + 1,
    )
    return rows.length > limit ? undefined : rows.map(({ seq }) => seq)
  }

  private remember(number: number, name: string): void {
    this.names.set(number, name)
    this.numbers.set(name, number)
  }
}

function readyQuery(columns: string, where: string): string {
  return `SELECT ${columns} FROM job INDEXED BY job_ready
    WHERE ready = 1 AND ${where} ORDER BY priority DESC, front DESC, seq`
}
