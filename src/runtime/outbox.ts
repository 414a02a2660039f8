import type { Clock } from './clock.ts'
import type { Migration } from './migrate.ts'
import type { Sql } from './sql.ts'
import type { Timers } from './timers.ts'

/** Sends messages, in order, to one destination; resolves once they are acknowledged. */
export type Deliver = (destination: string, bodies: string[]) => Promise<void>

/** The outbox's timer: when it comes due, its owner drains. */
export const outboxTimer = 'outbox'

/** Clustered by destination: an index entry less to write, and each destination's backlog lies together. */
export const outboxMigration: Migration = {
  id: 'outbox-1',
  sql: `CREATE TABLE outbox (
    destination TEXT NOT NULL,
    id INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (destination, id)
  ) WITHOUT ROWID, STRICT`,
}

const batchSize = 100
const backOffFloorMs = 100
const backOffCeilingMs = 60_000
/** How long after a crash between commit and drain the alarm starts the drain. */
const wakeAfterMs = 10_000

type Lane = { sending?: Promise<void>; failures: number; retryAt: number }

/**
 * Messages to others, written in the transaction of the state they report and sent after it, again and again until
 * acknowledged: at least once, in order per destination. One destination's failure never holds up another.
 */
export class Outbox {
  private readonly sql: Sql
  private readonly clock: Clock
  private readonly timers: Timers
  private readonly lanes = new Map<string, Lane>()

  /** Expects `outboxMigration` and the timers' applied. */
  constructor(sql: Sql, clock: Clock, timers: Timers) {
    this.sql = sql
    this.clock = clock
    this.timers = timers
  }

  /** Call inside the owner's transaction, and `drain` after it. */
  add(destination: string, body: string): void {
    this.sql.run(
      `INSERT INTO outbox (destination, id, body)
       VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM outbox WHERE destination = ?1), ?2)`,
      destination,
      body,
    )
    this.wakeBy(this.clock.now() + wakeAfterMs)
  }

  /**
   * Sends what waits and is not backing off; resolves when all of it is acknowledged or has failed. May be called at
   * any time: nothing is in flight twice at once for one destination. Failures are retried after the timer.
   */
  async drain(deliver: Deliver): Promise<void> {
    const sending: Promise<void>[] = []
    for (const destination of this.destinations()) {
      const lane = this.lane(destination)
      if (lane.retryAt > this.clock.now()) {
        this.wakeBy(lane.retryAt)
        continue
      }
      this.wakeBy(this.clock.now() + wakeAfterMs)
      lane.sending ??= this.send(destination, lane, deliver)
      sending.push(lane.sending)
    }
    await Promise.all(sending)
  }

  /** Messages not acknowledged yet. */
  undelivered(): number {
    return this.sql.one<{ count: number }>('SELECT count(*) AS count FROM outbox')!.count
  }

  private async send(destination: string, lane: Lane, deliver: Deliver): Promise<void> {
    for (let batch = this.batch(destination); batch.length > 0; batch = this.batch(destination)) {
      const bodies = batch.map(({ body }) => body)
      try {
        await (async () => deliver(destination, bodies))()
      } catch (error) {
        this.backOff(destination, lane, error)
        return
      }
      lane.failures = 0
      this.sql.run('DELETE FROM outbox WHERE destination = ? AND id <= ?', destination, batch.at(-1)!.id)
    }
    this.lanes.delete(destination)
  }

  private backOff(destination: string, lane: Lane, error: unknown): void {
    const waitMs = Math.min(backOffFloorMs * 2 ** lane.failures, backOffCeilingMs)
    lane.failures++
    lane.retryAt = this.clock.now() + waitMs
    delete lane.sending
    this.wakeBy(lane.retryAt)
    console.error(`outbox: ${destination} failed ${lane.failures} times, next try in ${waitMs} ms:`, error)
  }

  private batch(destination: string): { id: number; body: string }[] {
    return this.sql.all(
      'SELECT id, body FROM outbox WHERE destination = ? ORDER BY id LIMIT ?',
      destination,
      batchSize,
    )
  }

  /** Destinations with a backlog, by one look-up each rather than a scan of the backlog. */
  private *destinations(): Generator<string> {
    let last = ''
    for (;;) {
      const next = this.sql.one<{ destination: string }>(
        'SELECT destination FROM outbox WHERE destination > ? ORDER BY destination LIMIT 1',
        last,
      )
      if (!next) return
      last = next.destination
      yield last
    }
  }

  private lane(destination: string): Lane {
    let lane = this.lanes.get(destination)
    if (!lane) {
      lane = { failures: 0, retryAt: 0 }
      this.lanes.set(destination, lane)
    }
    return lane
  }

  private wakeBy(at: number): void {
    const planned = this.timers.at(outboxTimer)
    if (planned === undefined || at < planned) this.timers.setVolatile(outboxTimer, at)
  }
}
