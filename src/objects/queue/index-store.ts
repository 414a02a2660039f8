import { present } from '../../core/assert.ts'
import type { AttemptKey, JobTarget } from '../../core/model/ids.ts'
import { IndexSet } from '../../core/model/index-set.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { Sql } from '../../runtime/sql.ts'

/** Sets kept decoded. */
const cachedSets = 32

/**
 * Which indexes the children of sparse arrays have. Inside the queue a child is its position; here is the boundary where
 * positions become the indexes that clients see, and indexes positions.
 */
export class IndexStore {
  private readonly sql: Sql
  private readonly sets = new Map<number, IndexSet>()

  constructor(sql: Sql) {
    this.sql = sql
  }

  insert(seq: number, indexes: IndexSet): void {
    this.sql.run('INSERT INTO array_index (seq, packed) VALUES (?, ?)', seq, indexes.pack())
  }

  /** The indexes of a sparse array; undefined for any other job. */
  of(job: Job): IndexSet | undefined {
    if (job.array?.sparseSize === undefined) return undefined
    const known = this.sets.get(job.seq)
    if (known) return known
    const row = this.sql.one<{ packed: Uint8Array }>('SELECT packed FROM array_index WHERE seq = ?', job.seq)
    const indexes = IndexSet.unpack(present(row, `indexes of array ${job.seq}`).packed)
    if (this.sets.size >= cachedSets) this.sets.delete(this.sets.keys().next().value!)
    this.sets.set(job.seq, indexes)
    return indexes
  }

  /** The index that clients know a child by. */
  indexAt(job: Job, position: number): number {
    return this.of(job)?.indexAt(position) ?? position
  }

  /** The job, child or node of an attempt as clients know it. */
  shownTarget(job: Job, key: AttemptKey): JobTarget {
    const target = { ...key, shard: 0 }
    return key.index === undefined ? target : { ...target, index: this.indexAt(job, key.index) }
  }

  /** A child's index, and its array's size, as its clients know them. */
  placeOf(job: Job, position: number): { index: number; size: number } {
    const { size, sparseSize } = present(job.array, 'array shape')
    return { index: this.indexAt(job, position), size: sparseSize ?? size }
  }

  /** The target with a child's position for its index; undefined where the job has no such child or node. */
  locate(job: Job, target: JobTarget): JobTarget | undefined {
    if (target.node !== undefined) return target.node < (job.nodes?.count ?? 0) ? target : undefined
    if (target.index === undefined) return target
    if (!job.array) return undefined
    const indexes = this.of(job)
    const position = indexes ? indexes.positionOf(target.index) : target.index
    return position === undefined || position >= job.array.size ? undefined : { ...target, index: position }
  }

  /** The rows of jobs whose history ends. */
  drop(seqs: readonly number[]): void {
    for (const seq of seqs) this.sets.delete(seq)
    this.sql.run(
      'DELETE FROM array_index WHERE seq IN (SELECT value FROM json_each(?))',
      JSON.stringify(seqs),
    )
  }

  /** After a failed commit. */
  clear(): void {
    this.sets.clear()
  }
}
