import { limits } from '../../core/limits.ts'
import { type LogBatch, logEventBytes } from '../../core/model/log.ts'
import { logLineTest } from '../../core/model/log-filter.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TailedEvent, TailLogs, TailUpdate } from './logs-rpc.ts'

/**
 * Who listens to a log store now. In memory alone: nothing is written, and without listeners nothing is done. A
 * listener is one for as long as it asks again in time, so that nothing needs to be told when it goes away.
 */
export class LiveTails {
  private readonly tails = new Map<string, LiveTail>()

  /** What a listener has not heard yet. Its first question makes it one, also after the store has forgotten it. */
  hear(query: TailLogs, now: number): Outcome<TailUpdate> {
    const tail = this.tails.get(query.session) ?? new LiveTail(query)
    if (!this.tails.has(query.session)) {
      this.forget(now)
      if (this.tails.size >= limits.liveTails)
        return refused(`At most ${limits.liveTails} live tails may be open`, 'LimitExceededException')
      this.tails.set(query.session, tail)
    }
    return accepted(tail.take(now))
  }

  /** Tells who listens what has just been stored. */
  publish(batches: LogBatch[], now: number): void {
    if (this.tails.size > 0) this.forget(now)
    for (const tail of this.tails.values()) for (const batch of batches) tail.keep(batch, now)
  }

  private forget(now: number): void {
    for (const [session, tail] of this.tails)
      if (now - tail.askedAt > limits.liveTailSilenceMs) this.tails.delete(session)
  }
}

/** What one listener has not fetched yet: the first so many lines; what comes beyond them is left out. */
class LiveTail {
  askedAt = 0
  private readonly query: TailLogs
  private readonly isWantedLine: (line: string) => boolean
  private waiting: TailUpdate = { isNew: true, sampled: false, events: [] }
  private bytes = 0

  constructor(query: TailLogs) {
    this.query = query
    this.isWantedLine = logLineTest(query.filter)
  }

  take(now: number): TailUpdate {
    const update = this.waiting
    this.askedAt = now
    this.waiting = { isNew: false, sampled: false, events: [] }
    this.bytes = 0
    return update
  }

  keep({ group, stream, events }: LogBatch, ingestionTime: number): void {
    if (!this.isWanted(group, stream)) return
    for (const [timestamp, message] of events)
      if (this.isWantedLine(message)) this.keepEvent({ group, stream, timestamp, message, ingestionTime })
  }

  private isWanted(group: string, stream: string): boolean {
    const { groups, streams, prefixes } = this.query
    if (!groups.includes(group)) return false
    if (streams) return streams.includes(stream)
    return !prefixes || prefixes.some((prefix) => stream.startsWith(prefix))
  }

  private keepEvent(event: TailedEvent): void {
    const bytes = this.bytes + logEventBytes(event.message)
    if (this.waiting.events.length >= limits.liveTailEvents || bytes > limits.logPageBytes) {
      this.waiting.sampled = true
      return
    }
    this.waiting.events.push(event)
    this.bytes = bytes
  }
}
