import { decideExpiry, sweepEveryMs } from '../../core/decisions/expire-jobs.ts'
import type { Timers } from '../../runtime/timers.ts'
import { HistoryStore } from './history-store.ts'
import type { QueuePorts } from './queue-ports.ts'

/** Rings when ended jobs may have to be cleared away; a queue without jobs has none. */
export const historyTimer = 'history'

/** Jobs one slice looks at. */
const jobsPerSlice = 2_000

/** Ended jobs stay to be looked at for a time, and are then deleted, a slice after the other. */
export class Retention {
  private readonly ports: Pick<QueuePorts, 'sql' | 'clock' | 'historyMs' | 'number'>
  private readonly timers: Timers
  private readonly store: HistoryStore
  /** Up to where this clean-up has come; a restart begins it again. */
  private sweptTo = 0
  /** The timer is known to be set. */
  private armed = false

  constructor(ports: Retention['ports'], timers: Timers) {
    this.ports = ports
    this.timers = timers
    this.store = new HistoryStore(ports.sql)
  }

  /** After a start anew: mends a timer that got lost, or was never set by an older version. */
  resume(): void {
    if (this.timers.at(historyTimer) === undefined && this.store.hasJobs())
      this.timers.set(historyTimer, this.ports.clock.now() + sweepEveryMs)
  }

  /** Jobs are being submitted; part of that transaction. */
  noteSubmitted(): void {
    if (this.armed) return
    if (this.timers.at(historyTimer) === undefined)
      this.timers.set(historyTimer, this.ports.clock.now() + this.ports.historyMs)
    this.armed = true
  }

  /** After a failed commit. */
  reset(): void {
    this.armed = false
  }

  /** The timer has rung: one slice, and the timer set anew where there is more to do, now or later. */
  sweep(): void {
    const { sql, clock, historyMs, number } = this.ports
    const now = clock.now()
    this.armed = false
    sql.transaction(() => {
      const jobs = this.store.pastJobs(this.sweptTo, jobsPerSlice)
      const expiry = decideExpiry(jobs, jobs.length < jobsPerSlice, { now, historyMs })
      this.store.deleteJobs(number, expiry.expired)
      const left = expiry.nextAt ?? (this.store.hasJobs() ? now + sweepEveryMs : undefined)
      const nextAt = expiry.resumeAfter === undefined ? left : now
      if (nextAt !== undefined) this.timers.set(historyTimer, nextAt)
      this.sweptTo = expiry.resumeAfter ?? 0
    })
  }
}
