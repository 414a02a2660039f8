import { limits } from '../../core/limits.ts'
import { type LogBatch, type LogStreamView, logEventBytes } from '../../core/model/log.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { Clock } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import type { Sql } from '../../runtime/sql.ts'
import { LiveTails } from './live-tails.ts'
import { searchLogs } from './log-search.ts'
import type {
  DescribeLogGroups,
  DescribeLogStreams,
  GetLogEvents,
  LogEventPage,
  LogGroupView,
  LogSearchPage,
  LogsRpc,
  SearchLogs,
  TailLogs,
  TailUpdate,
} from './logs-rpc.ts'
import { logsMigrations } from './logs-schema.ts'
import { type EventRange, LogsStore, streamPosition } from './logs-store.ts'
import { packEvents, type StoredEvent, unpackEvents } from './packed-events.ts'
import { formatPageToken, type PageToken, parsePageToken } from './page-token.ts'

/** A chunk takes further flushes while it is smaller than this, in UTF-16 units; then the next begins. */
const chunkGrowsBelow = 64 * 1024
const chunkMost = 256 * 1024
/** One shard of the log streams. Knows ports only. */
export class Logs implements LogsRpc {
  private readonly sql: Sql
  private readonly clock: Clock
  private readonly store: LogsStore
  private readonly tails = new LiveTails()

  constructor(ports: { sql: Sql; clock: Clock }) {
    migrate(ports.sql, logsMigrations)
    this.sql = ports.sql
    this.clock = ports.clock
    this.store = new LogsStore(ports.sql)
  }

  async append(batches: LogBatch[]): Promise<void> {
    const now = this.clock.now()
    const stored = this.sql.transaction(() => batches.map((batch) => this.appendBatch(batch, now)))
    this.tails.publish(stored, now)
  }

  async hear(query: TailLogs): Promise<Outcome<TailUpdate>> {
    return this.tails.hear(query, this.clock.now())
  }

  async knownGroups(groups: string[]): Promise<string[]> {
    return groups.filter((group) => this.store.hasGroup(group))
  }

  async getEvents(query: GetLogEvents): Promise<Outcome<LogEventPage>> {
    const tail = this.store.loadTail(query)
    if (!tail)
      return refused(
        `The specified log ${this.store.hasGroup(query.group) ? 'stream' : 'group'} does not exist.`,
        'ResourceNotFoundException',
      )
    const end = tail.first + tail.count
    const start = startOf(query, end)
    if (!start) return refused('The specified nextToken is invalid.', 'InvalidParameterException')
    return accepted(this.readPage(query, start, end))
  }

  async search(query: SearchLogs): Promise<LogSearchPage> {
    return {
      groupExists: this.store.hasGroup(query.group),
      streamExists: this.store.hasStream(query),
      ...searchLogs(this.store, query),
    }
  }

  async describeGroups(query: DescribeLogGroups): Promise<LogGroupView[]> {
    return this.store.listGroups(query)
  }

  async describeStreams(
    query: DescribeLogStreams,
  ): Promise<Outcome<{ streams: LogStreamView[]; groupExists: boolean; nextToken?: string }>> {
    const found = this.store.listStreams({ ...query, limit: query.limit + 1 })
    const streams = found.slice(0, query.limit)
    const groupExists = found.length > 0 || this.store.hasGroup(query.group)
    if (found.length <= query.limit) return accepted({ streams, groupExists })
    return accepted({ streams, groupExists, nextToken: streamPosition(streams.at(-1)!, query.orderBy) })
  }

  /** What of the batch was new. */
  private appendBatch(batch: LogBatch, now: number): LogBatch {
    let tail = this.store.loadTail(batch)
    const next = tail ? tail.first + tail.count : 0
    if (batch.first > next)
      throw new Error(`log stream ${batch.stream} lacks events ${next} to ${batch.first - 1}`)
    const events = batch.events.slice(next - batch.first)
    for (const pack of packEvents(events, now, chunkMost)) {
      if (tail && tail.size < chunkGrowsBelow && tail.size + pack.text.length < chunkMost) {
        this.store.extendChunk(batch, tail.first, pack, now)
        tail = { ...tail, count: tail.count + pack.count, size: tail.size + pack.text.length + 1 }
      } else {
        const first: number = tail ? tail.first + tail.count : 0
        this.store.saveChunk(batch, first, pack, now)
        tail = { first, count: pack.count, size: pack.text.length }
      }
    }
    return { ...batch, first: next, events }
  }

  private readPage(query: GetLogEvents, start: PageToken, end: number): LogEventPage {
    const isForward = start.direction === 'forward'
    const range: EventRange = {
      from: isForward ? start.at : 0,
      below: isForward ? end : Math.min(start.at, end),
      startTime: query.startTime ?? 0,
      endTime: query.endTime ?? Number.MAX_SAFE_INTEGER,
    }
    const page: NumberedEvent[] = []
    let bytes = 0
    for (const numbered of this.events(query, range, isForward)) {
      bytes += logEventBytes(numbered.event.message)
      if (page.length > 0 && bytes > limits.logPageBytes) break
      page.push(numbered)
      if (page.length >= Math.min(query.limit, limits.logPageEvents)) break
    }
    if (!isForward) page.reverse()
    const first = page[0]?.number ?? start.at
    const behind = page.length > 0 ? page.at(-1)!.number + 1 : start.at
    return {
      events: page.map(({ event }) => event),
      nextForwardToken: formatPageToken({ direction: 'forward', at: behind }),
      nextBackwardToken: formatPageToken({ direction: 'backward', at: first }),
    }
  }

  /** The events of the range in reading order, each with its number. */
  private *events(query: GetLogEvents, range: EventRange, isForward: boolean): Generator<NumberedEvent> {
    for (const chunk of this.store.chunks(query, range, isForward ? 'oldest-first' : 'newest-first')) {
      const numbered = unpackEvents(chunk.events).map((event, index) => ({
        event,
        number: chunk.first + index,
      }))
      for (const one of isForward ? numbered : numbered.reverse()) {
        const { timestamp } = one.event
        const isWanted = one.number >= range.from && one.number < range.below
        if (isWanted && timestamp >= range.startTime && timestamp < range.endTime) yield one
      }
    }
  }
}

type NumberedEvent = { event: StoredEvent; number: number }

/** Where a page begins; undefined for a token that is none. Without a token: at the stream's head or its end. */
function startOf(query: GetLogEvents, end: number): PageToken | undefined {
  if (query.nextToken !== undefined) return parsePageToken(query.nextToken)
  return query.startFromHead ? { direction: 'forward', at: 0 } : { direction: 'backward', at: end }
}
