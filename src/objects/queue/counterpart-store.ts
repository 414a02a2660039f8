import { type Range, rangesOf, unitedRanges } from '../../core/model/index-set.ts'
import type { ArrayKey } from '../../core/model/job-record.ts'
import type { Sql } from '../../runtime/sql.ts'

/** Children of a followed array that share a row, a bit each. */
const childrenPerRow = 8192
/** Rows kept in memory, 1 KiB each. */
const cachedRows = 4096

/** The SQL of which children of other queues' arrays have succeeded, as far as this queue has been told. */
export class CounterpartStore {
  private readonly sql: Sql
  private readonly rows = new Map<string, Uint8Array>()

  constructor(sql: Sql) {
    this.sql = sql
  }

  has(array: ArrayKey, position: number): boolean {
    const bits = this.row(array, Math.floor(position / childrenPerRow))
    return ((bits[(position % childrenPerRow) >> 3] ?? 0) & (1 << (position & 7))) !== 0
  }

  /** All that have succeeded. */
  ranges({ queue, seq }: ArrayKey): Range[] {
    const rows = this.sql.all<{ part: number; succeeded: Uint8Array }>(
      'SELECT part, succeeded FROM counterpart WHERE queue = ? AND seq = ? ORDER BY part',
      queue,
      seq,
    )
    return unitedRanges(
      rows.flatMap(({ part, succeeded }) =>
        rangesOf(setBits(succeeded)).map(
          ([first, last]): Range => [part * childrenPerRow + first, part * childrenPerRow + last],
        ),
      ),
    )
  }

  /** Writes each row that changes once. */
  add(array: ArrayKey, succeeded: readonly Range[]): void {
    const changed = new Map<number, Uint8Array>()
    for (const [first, last] of succeeded)
      for (let position = first; position <= last; position++) {
        const at = Math.floor(position / childrenPerRow)
        if (this.has(array, position)) continue
        const bits = changed.get(at) ?? this.row(array, at)
        bits[(position % childrenPerRow) >> 3]! |= 1 << (position & 7)
        changed.set(at, bits)
      }
    for (const [at, bits] of changed)
      this.sql.run(
        `INSERT INTO counterpart (queue, seq, part, succeeded) VALUES (?, ?, ?, ?)
         ON CONFLICT (queue, seq, part) DO UPDATE SET succeeded = excluded.succeeded`,
        array.queue,
        array.seq,
        at,
        bits,
      )
  }

  /** Nobody here follows the array any more. */
  drop(array: ArrayKey): void {
    this.clear()
    this.sql.run('DELETE FROM counterpart WHERE queue = ? AND seq = ?', array.queue, array.seq)
  }

  /** After a failed commit. */
  clear(): void {
    this.rows.clear()
  }

  private row({ queue, seq }: ArrayKey, at: number): Uint8Array {
    const key = `${queue}/${seq}/${at}`
    const known = this.rows.get(key)
    if (known) return known
    const stored = this.sql.one<{ succeeded: Uint8Array }>(
      'SELECT succeeded FROM counterpart WHERE queue = ? AND seq = ? AND part = ?',
      queue,
      seq,
      at,
    )
    // A copy: what a driver returns may not be ours to write to.
    const bits = stored ? Uint8Array.from(stored.succeeded) : new Uint8Array(childrenPerRow / 8)
    if (this.rows.size >= cachedRows) this.rows.clear()
    this.rows.set(key, bits)
    return bits
  }
}

function* setBits(bits: Uint8Array): Generator<number> {
  for (let byte = 0; byte < bits.length; byte++)
    for (let rest = bits[byte]!, bit = 0; rest > 0; rest >>= 1, bit++) if (rest & 1) yield byte * 8 + bit
}
