import type { PastJob } from '../../core/decisions/expire-jobs.ts'
import { isTerminal, jobStates } from '../../core/model/job.ts'
import { saveSetting } from '../../runtime/settings.ts'
import type { Sql } from '../../runtime/sql.ts'
import { EndedBlocks } from './ended-blocks.ts'
import { IndexStore } from './index-store.ts'
import { chunkSize, chunksPerArray } from './queue-schema.ts'
import { lastSeqSetting } from './queue-store.ts'
import { TokenStore } from './token-store.ts'

type PastRow = {
  seq: number
  created_at: number
  state: number
  stopped_at: number | null
  size: number | null
}

/** The SQL of what is left of ended jobs. Methods that write belong into the owner's transaction. */
export class HistoryStore {
  private readonly sql: Sql
  private readonly tokens: TokenStore
  private readonly indexes: IndexStore
  private readonly ended: EndedBlocks

  constructor(sql: Sql) {
    this.sql = sql
    this.tokens = new TokenStore(sql)
    this.indexes = new IndexStore(sql)
    this.ended = new EndedBlocks(sql)
  }

  hasJobs(): boolean {
    return this.sql.one('SELECT seq FROM job LIMIT 1') !== undefined
  }

  /** The oldest jobs behind a sequence number. */
  pastJobs(after: number, limit: number): PastJob[] {
    return this.sql
      .all<PastRow>(
        `SELECT seq, created_at, state, json_extract(progress, '$[4]') AS stopped_at,
           json_extract(array_shape, '$.size') AS size
         FROM job WHERE seq > ? ORDER BY seq LIMIT ?`,
        after,
        limit,
      )
      .map((row) => ({
        seq: row.seq,
        createdAt: row.created_at,
        ...(isTerminal(jobStates[row.state]!) ? { stoppedAt: row.stopped_at ?? row.created_at } : {}),
        childRows: Math.ceil((row.size ?? 0) / chunkSize),
      }))
  }

  /**
   * Deletes jobs and all that hangs on them. Should the newest of all be among them, its sequence number is kept: none is
   * given twice.
   */
  deleteJobs(queue: number, jobs: PastJob[]): void {
    if (jobs.length === 0) return
    const newest = this.sql.one<{ seq: number }>('SELECT max(seq) AS seq FROM job')?.seq
    const seqs = jobs.map(({ seq }) => seq)
    if (newest !== undefined && seqs.includes(newest)) saveSetting(this.sql, lastSeqSetting, newest)
    this.tokens.dropTokens(seqs)
    this.indexes.drop(seqs)
    const these = JSON.stringify(seqs)
    // Of children, or of nodes.
    this.sql.run(
      `DELETE FROM child_chunk WHERE id IN (
         SELECT chunk.id FROM json_each(?) AS expired CROSS JOIN child_chunk AS chunk
         WHERE chunk.id BETWEEN expired.value * ${chunksPerArray} AND (expired.value + 1) * ${chunksPerArray} - 1)`,
      these,
    )
    const isOfThese = 'seq IN (SELECT value FROM json_each(?))'
    this.sql.run(`DELETE FROM dependency WHERE queue = ? AND ${isOfThese}`, queue, these)
    for (const table of ['watcher', 'consumer', 'job'])
      this.sql.run(`DELETE FROM ${table} WHERE ${isOfThese}`, these)
    const oldest = this.sql.one<{ seq: number | null }>('SELECT min(seq) AS seq FROM job')?.seq
    this.ended.dropBelow(oldest ?? Number.MAX_SAFE_INTEGER)
  }
}
