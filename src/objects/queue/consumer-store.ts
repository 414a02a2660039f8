import type { Sql } from '../../runtime/sql.ts'

/** The SQL of which jobs need which consumable resources. Only such jobs have rows. */
export class ConsumerStore {
  private readonly sql: Sql
  private some: boolean

  constructor(sql: Sql) {
    this.sql = sql
    this.some = sql.one('SELECT 1 FROM consumer LIMIT 1') !== undefined
  }

  /** Whether any job of the queue may hold a consumable resource. */
  get any(): boolean {
    return this.some
  }

  /** Part of the transaction that inserts the job. */
  insert(seq: number, resources: string[]): void {
    for (const resource of resources)
      this.sql.run('INSERT INTO consumer (seq, resource) VALUES (?, ?)', seq, resource)
    if (resources.length > 0) this.some = true
  }

  /** Jobs that need a resource, newest first, below `before`. */
  jobsBelow(resource: string, before: number, limit: number): number[] {
    return this.sql
      .all<{ seq: number }>(
        'SELECT seq FROM consumer WHERE resource = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
        resource,
        before,
        limit,
      )
      .map(({ seq }) => seq)
  }
}
