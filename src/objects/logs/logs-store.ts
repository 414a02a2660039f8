import type { LogStreamView } from '../../core/model/log.ts'
import type { Sql, SqlValue } from '../../runtime/sql.ts'
import type { DescribeLogGroups, DescribeLogStreams, LogGroupView, SearchLogs } from './logs-rpc.ts'
import type { Pack } from './packed-events.ts'

export type StreamName = { group: string; stream: string }
/** Where a stream ends: its newest chunk. */
export type Tail = { first: number; count: number; size: number }
export type Chunk = { first: number; count: number; events: string }
/** Which events are wanted: numbers from `from` up to but not `below`, read at `startTime` or later, before `endTime`. */
export type EventRange = { from: number; below: number; startTime: number; endTime: number }
/** A chunk of a search without its events: when they were read. `edge` is the end at which the search meets it. */
export type FoundChunk = { stream: string; first: number; size: number; edge: number }

/** All SQL of a log store. Expects `logsMigrations` applied. */
export class LogsStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  loadTail({ group, stream }: StreamName): Tail | undefined {
    return this.sql.one(
      `SELECT first, count, size FROM chunk
       WHERE log_group = ? AND stream = ? ORDER BY first DESC LIMIT 1`,
      group,
      stream,
    )
  }

  hasGroup(group: string): boolean {
    return this.sql.one('SELECT 1 AS found FROM chunk WHERE log_group = ? LIMIT 1', group) !== undefined
  }

  saveChunk({ group, stream }: StreamName, first: number, pack: Pack, now: number): void {
    this.sql.run(
      `INSERT INTO chunk
         (log_group, stream, first, count, size, earliest_at, latest_at, created_at, ingested_at, events)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)`,
      group,
      stream,
      first,
      pack.count,
      pack.text.length,
      pack.earliestAt,
      pack.latestAt,
      now,
      pack.text,
    )
  }

  /** Adds a pack to the chunk that begins at `first`. */
  extendChunk({ group, stream }: StreamName, first: number, pack: Pack, now: number): void {
    this.sql.run(
      `UPDATE chunk SET
         count = count + ?4, size = size + ?5, earliest_at = min(earliest_at, ?6),
         latest_at = max(latest_at, ?7), ingested_at = ?8, events = events || char(10) || ?9
       WHERE log_group = ?1 AND stream = ?2 AND first = ?3`,
      group,
      stream,
      first,
      pack.count,
      pack.text.length + 1,
      pack.earliestAt,
      pack.latestAt,
      now,
      pack.text,
    )
  }

  /** The chunks that may hold events of the range, oldest or newest first, each read when it is asked for. */
  *chunks(name: StreamName, range: EventRange, order: 'oldest-first' | 'newest-first'): Generator<Chunk> {
    let { from, below } = range
    for (;;) {
      const chunk = this.sql.one<Chunk>(
        order === 'oldest-first' ? oldestChunk : newestChunk,
        name.group,
        name.stream,
        from,
        below,
        range.startTime,
        range.endTime,
      )
      if (!chunk) return
      yield chunk
      if (order === 'oldest-first') from = chunk.first + chunk.count
      else below = chunk.first
    }
  }

  hasStream(query: SearchLogs): boolean {
    const text = `SELECT 1 AS found FROM chunk WHERE log_group = ?1 ${streamBounds(query)} LIMIT 1`
    return this.sql.one(text, ...streamParameters(query)) !== undefined
  }

  /** The next chunks of a search by their edge, behind `after`. Looks at every chunk of the streams, but not into it. */
  findChunks(query: SearchLogs, after: FoundChunk | undefined, limit: number): FoundChunk[] {
    const isForward = query.order === 'oldest-first'
    const [edge, direction] = isForward ? ['earliest_at', 'ASC'] : ['latest_at', 'DESC']
    const behind = after ? `AND (${edge}, stream, first) ${isForward ? '>' : '<'} (?7, ?8, ?9)` : ''
    return this.sql.all(
      `SELECT stream, first, size, ${edge} AS edge FROM chunk
       WHERE log_group = ?1 ${streamBounds(query)} AND latest_at >= ?4 AND earliest_at < ?5 ${behind}
       ORDER BY ${edge} ${direction}, stream ${direction}, first ${direction} LIMIT ?6`,
      ...streamParameters(query),
      query.startTime,
      query.endTime,
      limit,
      ...(after ? [after.edge, after.stream, after.first] : []),
    )
  }

  loadEvents({ group, stream }: StreamName, first: number): string {
    const found = this.sql.one<{ events: string }>(
      'SELECT events FROM chunk WHERE log_group = ? AND stream = ? AND first = ?',
      group,
      stream,
      first,
    )
    return found!.events
  }

  listGroups({ prefix, part, names, limit, after }: DescribeLogGroups): LogGroupView[] {
    return this.sql.all(
      `SELECT log_group AS "group", min(created_at) AS createdAt, sum(size) AS storedBytes FROM chunk
       WHERE log_group > ?1 AND log_group >= ?2 AND log_group < ?3 AND instr(log_group, ?4) > 0
         AND (?5 IS NULL OR log_group IN (SELECT value FROM json_each(?5)))
       GROUP BY log_group ORDER BY log_group LIMIT ?6`,
      after,
      prefix,
      `${prefix}\u{10ffff}`,
      part,
      names ? JSON.stringify(names) : null,
      limit,
    )
  }

  /** One page of a group's streams. `after`: the position behind the last one seen, as `streamPosition` writes it. */
  listStreams(query: DescribeLogStreams): LogStreamView[] {
    const { group, prefix = '', orderBy, descending, limit, nextToken } = query
    const parameters: SqlValue[] = [group, prefix, `${prefix}\u{10ffff}`, limit]
    if (nextToken !== undefined) {
      if (orderBy === 'LogStreamName') parameters.push(nextToken)
      else parameters.push(...parsePosition(nextToken))
    }
    return this.sql.all(listing(orderBy, descending, nextToken !== undefined), ...parameters)
  }
}

/** A stream's place in a listing: the same in every log store, so that several can be merged. */
export function streamPosition(view: LogStreamView, orderBy: DescribeLogStreams['orderBy']): string {
  return orderBy === 'LogStreamName' ? view.stream : `${view.lastEventAt}/${view.stream}`
}

function parsePosition(text: string): [number, string] {
  const slash = text.indexOf('/')
  return [Number(text.slice(0, slash)) || 0, text.slice(slash + 1)]
}

/** Bounds by parameters 2 and 3, which `streamParameters` gives. */
function streamBounds({ streams }: SearchLogs): string {
  return streams
    ? 'AND stream IN (SELECT value FROM json_each(?2)) AND ?3 IS NULL'
    : 'AND stream >= ?2 AND stream < ?3'
}

function streamParameters({ group, streams, prefix = '' }: SearchLogs): SqlValue[] {
  return streams ? [group, JSON.stringify(streams), null] : [group, prefix, `${prefix}\u{10ffff}`]
}

const inRange = 'log_group = ?1 AND stream = ?2 AND first < ?4 AND latest_at >= ?5 AND earliest_at < ?6'
const newestChunk = `SELECT first, count, events FROM chunk
  WHERE ${inRange} AND first + count > ?3 ORDER BY first DESC LIMIT 1`
const oldestChunk = `SELECT first, count, events FROM chunk
  WHERE ${inRange} AND first + count > ?3
    AND first >= coalesce((SELECT max(first) FROM chunk WHERE log_group = ?1 AND stream = ?2 AND first <= ?3), 0)
  ORDER BY first LIMIT 1`

/** By name the page is read off the key; by time every stream of the group is looked at. */
function listing(orderBy: DescribeLogStreams['orderBy'], descending: boolean, isContinued: boolean): string {
  const direction = descending ? 'DESC' : 'ASC'
  const beyond = descending ? '<' : '>'
  const byName = orderBy === 'LogStreamName'
  const nameBound = isContinued && byName ? `AND stream ${beyond} ?5` : ''
  const timeBound = isContinued && !byName ? `HAVING (max(latest_at), stream) ${beyond} (?5, ?6)` : ''
  return `SELECT log_group AS "group", stream, min(created_at) AS createdAt, min(earliest_at) AS firstEventAt,
      max(latest_at) AS lastEventAt, max(ingested_at) AS lastIngestedAt
    FROM chunk WHERE log_group = ?1 AND stream >= ?2 AND stream < ?3 ${nameBound}
    GROUP BY stream ${timeBound}
    ORDER BY ${byName ? '' : `lastEventAt ${direction},`} stream ${direction} LIMIT ?4`
}
