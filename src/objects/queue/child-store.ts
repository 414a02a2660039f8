import { type JobState, jobStates } from '../../core/model/job.ts'
import {
  type PackedProgress,
  type Progress,
  packProgress,
  unpackProgress,
} from '../../core/model/progress.ts'
import type { Sql } from '../../runtime/sql.ts'
import { chunkSize, chunksPerArray } from './queue-schema.ts'

/** The SQL of array children that have a state of their own, packed into chunks of neighbours. */
export class ChildStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** Touched children of an array as (index, state), without their records. */
  *childStates(seq: number): Generator<[index: number, state: JobState]> {
    const rows = this.sql.all<{ id: number; states: Uint8Array }>(
      'SELECT id, states FROM child_chunk WHERE id >= ? AND id < ?',
      seq * chunksPerArray,
      (seq + 1) * chunksPerArray,
    )
    for (const { id, states } of rows)
      for (let i = 0; i < states.length; i++) {
        const state = jobStates[states[i]! - 1]
        if (state) yield [(id - seq * chunksPerArray) * chunkSize + i, state]
      }
  }

  loadChunk(seq: number, chunk: number): Map<number, Progress> {
    const row = this.sql.one<{ records: string }>(
      'SELECT records FROM child_chunk WHERE id = ?',
      seq * chunksPerArray + chunk,
    )
    const records = row ? (JSON.parse(row.records) as [number, PackedProgress][]) : []
    return new Map(records.map(([offset, packed]) => [chunk * chunkSize + offset, unpackProgress(packed)]))
  }

  saveChunk(seq: number, chunk: number, children: Map<number, Progress>): void {
    const states = new Uint8Array(chunkSize)
    const records: [number, PackedProgress][] = []
    for (const [index, progress] of children) {
      states[index - chunk * chunkSize] = jobStates.indexOf(progress.state) + 1
      records.push([index - chunk * chunkSize, packProgress(progress)])
    }
    this.sql.run(
      `INSERT INTO child_chunk (id, states, records) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET states = excluded.states, records = excluded.records`,
      seq * chunksPerArray + chunk,
      states,
      JSON.stringify(records),
    )
  }
}
