import { jobStates } from '../../core/model/job.ts'
import type { Sql } from '../../runtime/sql.ts'
import { endedBlockSize } from './queue-schema.ts'

/** Blocks remembered to have their row. */
const cachedBlocks = 10_000

const endedStates = ['SUCCEEDED', 'FAILED'] as const
type EndedState = (typeof endedStates)[number]

/**
 * Among which jobs there are ended ones: a row for each block of neighbours that has any, written when its first one
 * ends. So a few are found among a million that have not ended, at a sixtieth of a row a job.
 */
export class EndedBlocks {
  private readonly sql: Sql
  private readonly known = new Set<number>()

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** A job has ended; part of that transaction. */
  note(seq: number, ended: EndedState): void {
    const block = Math.floor(seq / endedBlockSize)
    const key = block * jobStates.length + jobStates.indexOf(ended)
    if (this.known.has(key)) return
    if (this.known.size >= cachedBlocks) this.known.clear()
    this.known.add(key)
    this.sql.run(
      'INSERT OR IGNORE INTO ended_block (state, block) VALUES (?, ?)',
      jobStates.indexOf(ended),
      block,
    )
  }

  /** The jobs below a sequence number are deleted; part of that transaction. */
  dropBelow(seq: number): void {
    for (const state of endedStates)
      this.sql.run(
        'DELETE FROM ended_block WHERE state = ? AND block < ?',
        jobStates.indexOf(state),
        Math.floor(seq / endedBlockSize),
      )
  }

  /** After a failed commit. */
  clear(): void {
    this.known.clear()
  }
}
