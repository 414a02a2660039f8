import { limits } from '../core/limits.ts'
import type { LogBatch } from '../core/model/log.ts'
import type { Clock, Scheduler } from '../runtime/clock.ts'
import type { LogCut, LogSpool } from './log-spool.ts'
import type { Link, LogLink } from './ports.ts'

/** How often the outputs of running attempts are looked at. */
const pollMs = 200
/** Messages sent and not acknowledged: with `limits.logBatchBytes` the bound on bytes under way. */
const mostUnsettled = 4
/** What waits this long travels together; sooner than the report of an end, so that its output goes first. */
const gatherMs = 2

/** JSON around one batch, besides the names of its group and stream. */
const batchOverhead = 60

export type LogShipperOptions = {
  link: Link
  clock: Clock
  scheduler: Scheduler
  /** All that the attempt printed is stored. Called once, after `finish`. */
  drained: (attemptId: string) => void
}

/**
 * Carries the output of all attempts to the environment, fairly, a bounded number of messages at a time. Looks at files
 * only while something runs, and holds none of their contents.
 */
export class LogShipper implements LogLink {
  private readonly options: LogShipperOptions
  private readonly spools = new Map<string, LogSpool>()
  /** Those with something to send, the longest-waiting first. */
  private readonly ready = new Set<string>()
  private readonly unsettled = new Map<number, { attemptId: string; cut: LogCut }[]>()
  /** Never used again, so that a late answer cannot mean another message. */
  private nextId = 1
  private isOpen = false
  private isPolling = false
  private isGathering = false

  constructor(options: LogShipperOptions) {
    this.options = options
  }

  /** Begins to follow what an attempt prints. */
  follow(attemptId: string, spool: LogSpool): void {
    this.spools.set(attemptId, spool)
    this.poll()
  }

  /** The attempt prints nothing more: what is left is read out at once. */
  finish(attemptId: string): void {
    const spool = this.spools.get(attemptId)
    if (!spool) return
    spool.finish()
    if (spool.observe(this.options.clock.now())) this.ready.add(attemptId)
    this.gather()
    this.endIfDrained(attemptId, spool)
  }

  /** The rest of its output is of no use. */
  drop(attemptId: string): void {
    this.spools.delete(attemptId)
    this.ready.delete(attemptId)
  }

  opened(): void {
    this.isOpen = true
    const now = this.options.clock.now()
    for (const [attemptId, spool] of this.spools) if (spool.observe(now)) this.ready.add(attemptId)
    this.pump()
  }

  closed(): void {
    this.isOpen = false
    this.unsettled.clear()
    for (const spool of this.spools.values()) spool.rewind()
  }

  settled(id: number): void {
    for (const { attemptId, cut } of this.unsettled.get(id) ?? []) {
      const spool = this.spools.get(attemptId)
      if (!spool) continue
      spool.settle(cut)
      this.endIfDrained(attemptId, spool)
    }
    this.unsettled.delete(id)
    this.pump()
  }

  private endIfDrained(attemptId: string, spool: LogSpool): void {
    if (!spool.isDrained()) return
    this.drop(attemptId)
    this.options.drained(attemptId)
  }

  private poll(): void {
    if (this.isPolling) return
    this.isPolling = true
    this.options.scheduler.later(pollMs, () => {
      this.isPolling = false
      const now = this.options.clock.now()
      let isFollowing = false
      for (const [attemptId, spool] of this.spools) {
        if (spool.isFinished()) continue
        isFollowing = true
        if (spool.observe(now)) this.ready.add(attemptId)
      }
      this.pump()
      if (isFollowing) this.poll()
    })
  }

  private gather(): void {
    if (this.isGathering) return
    this.isGathering = true
    this.options.scheduler.later(gatherMs, () => {
      this.isGathering = false
      this.pump()
    })
  }

  private pump(): void {
    while (this.isOpen && this.ready.size > 0 && this.unsettled.size < mostUnsettled) {
      const { batches, cuts } = this.nextMessage()
      if (batches.length === 0) return
      const id = this.nextId++
      this.unsettled.set(id, cuts)
      this.options.link.send({ type: 'logs', id, batches })
    }
  }

  /** One batch each of as many spools as fit. */
  private nextMessage(): { batches: LogBatch[]; cuts: { attemptId: string; cut: LogCut }[] } {
    const now = this.options.clock.now()
    const batches: LogBatch[] = []
    const cuts: { attemptId: string; cut: LogCut }[] = []
    let budget: number = limits.logBatchBytes
    for (const attemptId of [...this.ready]) {
      const spool = this.spools.get(attemptId)!
      const taken = spool.take(budget, now)
      if (!taken && budget < limits.logBatchBytes) break
      this.ready.delete(attemptId)
      if (!taken) {
        this.endIfDrained(attemptId, spool)
        continue
      }
      this.ready.add(attemptId)
      batches.push(taken.batch)
      cuts.push({ attemptId, cut: taken.cut })
      budget -= taken.cut.cost + taken.batch.group.length + taken.batch.stream.length + batchOverhead
      if (budget <= 0) break
    }
    return { batches, cuts }
  }
}
