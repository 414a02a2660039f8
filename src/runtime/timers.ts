import type { Migration } from './migrate.ts'
import type { Sql } from './sql.ts'

/** The one wake-up call an object has. Null: none wanted. */
export type Alarm = { set(at: number | null): void }

export const timersMigration: Migration = {
  id: 'timers-1',
  sql: 'CREATE TABLE timers (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID, STRICT',
}

/** The volatile timer, whichever it was, that the alarm was set for in the life before. */
const formerTimer = 'former'

/**
 * Any number of named timers over one alarm, which is moved only when the earliest moment changes. Durable timers
 * are rows; a volatile one lives in memory and is set again by its owner after a restart. Moments are epoch ms.
 * The alarm itself outlives the process, so the earliest volatile timer still wakes the object.
 */
export class Timers {
  private readonly sql: Sql
  private readonly alarm: Alarm
  private readonly volatile = new Map<string, number>()
  /** Undefined: not known what the alarm is set to. */
  private armed: number | null | undefined

  /** Expects `timersMigration` applied. Touches nothing until the first change, `resume` or `arm`. */
  constructor(sql: Sql, alarm: Alarm) {
    this.sql = sql
    this.alarm = alarm
  }

  /**
   * After a restart: takes what the alarm is set to already, which saves setting it again, and mends a lost one. One that
   * is earlier than every durable timer was a volatile timer's, and still rings.
   */
  resume(armed: number | null): void {
    const stored = this.earliest()
    if (armed !== null && (stored === null || armed < stored)) this.volatile.set(formerTimer, armed)
    this.armed = armed
    this.arm()
  }

  /** Sets or moves a durable timer. Belongs into the transaction of the state it watches. */
  set(key: string, at: number): void {
    this.sql.run(
      `INSERT INTO timers (key, at) VALUES (?, ?)
       ON CONFLICT (key) DO UPDATE SET at = excluded.at WHERE at <> excluded.at`,
      key,
      at,
    )
    this.arm()
  }

  setVolatile(key: string, at: number): void {
    this.volatile.set(key, at)
    this.arm()
  }

  /** Removes a timer of either kind; no such timer is no error. */
  cancel(key: string): void {
    if (!this.volatile.delete(key)) this.sql.run('DELETE FROM timers WHERE key = ?', key)
    this.arm()
  }

  /** When a timer of either kind will ring. */
  at(key: string): number | undefined {
    return (
      this.volatile.get(key) ?? this.sql.one<{ at: number }>('SELECT at FROM timers WHERE key = ?', key)?.at
    )
  }

  /** For the alarm handler: removes the timers that have come due and returns their keys, earliest first. */
  due(now: number): string[] {
    const due = this.sql.all<{ key: string; at: number }>('SELECT key, at FROM timers WHERE at <= ?', now)
    if (due.length > 0) this.sql.run('DELETE FROM timers WHERE at <= ?', now)
    for (const [key, at] of this.volatile) {
      if (at > now) continue
      due.push({ key, at })
      this.volatile.delete(key)
    }
    // An alarm that has rung is gone, even one that rang a little early.
    this.armed = null
    this.arm()
    return due.sort((a, b) => a.at - b.at).map(({ key }) => key)
  }

  /** Sets the alarm to the earliest timer unless it is. Needed only after a transaction that set timers was undone. */
  arm(): void {
    const earliest = this.earliest()
    if (earliest === this.armed) return
    this.alarm.set(earliest)
    this.armed = earliest
  }

  private earliest(): number | null {
    const stored = this.sql.one<{ at: number | null }>('SELECT min(at) AS at FROM timers')?.at ?? null
    return [...this.volatile.values()].reduce<number | null>(
      (least, at) => (least === null || at < least ? at : least),
      stored,
    )
  }
}
