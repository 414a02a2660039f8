import type { LogBatch, LogStreamView } from '../../core/model/log.ts'
import type { LogFilter } from '../../core/model/log-filter.ts'
import type { LogOrder, LogPlace } from '../../core/model/log-place.ts'
import type { Outcome } from '../../core/model/outcome.ts'

export type GetLogEvents = {
  group: string
  stream: string
  /** Inclusive start, exclusive end, epoch ms. */
  startTime?: number
  endTime?: number
  limit: number
  startFromHead: boolean
  nextToken?: string
}
export type LogEventPage = {
  events: { timestamp: number; message: string; ingestionTime: number }[]
  /** Always both; asking with one at its end returns the same token. Form: `f/…` and `b/…`. */
  nextForwardToken: string
  nextBackwardToken: string
}
export type SearchLogs = {
  group: string
  /** Where to look: in these streams, or in those whose names begin so; in all without either. */
  streams?: string[]
  prefix?: string
  /** Inclusive start, exclusive end, epoch ms. */
  startTime: number
  endTime: number
  filter: LogFilter
  limit: number
  order: LogOrder
  /** Where the page before ended. */
  after?: LogPlace
}
export type FoundEvent = LogPlace & { message: string; ingestionTime: number }
export type LogSearchPage = {
  groupExists: boolean
  /** Whether any of the streams asked for is here. */
  streamExists: boolean
  /** In the order asked for. */
  events: FoundEvent[]
  /** Up to here all is found; absent when the search has come to its end. */
  searchedTo?: LogPlace
}
export type DescribeLogStreams = {
  group: string
  prefix?: string
  orderBy: 'LogStreamName' | 'LastEventTime'
  descending: boolean
  limit: number
  /**
   * The place of the stream the page before ended with, which may be another shard's: its name, or
   * `{lastEventAt}/{name}` where the order is by time. The page is what follows.
   */
  nextToken?: string
}
export type DescribeLogGroups = {
  /** Names begin with it. */
  prefix: string
  /** Names contain it. */
  part: string
  /** Just these, if given. */
  names?: string[]
  limit: number
  /** The name that the page before ended with. */
  after: string
}
/** A group as far as one store knows it. */
export type LogGroupView = { group: string; createdAt: number; storedBytes: number }

/** What a listener wants to hear: of these groups, these streams, or those whose names begin so, or all. */
export type TailLogs = {
  /** Names the listener. */
  session: string
  groups: string[]
  streams?: string[]
  prefixes?: string[]
  filter: LogFilter
}
export type TailedEvent = {
  group: string
  stream: string
  timestamp: number
  message: string
  ingestionTime: number
}
export type TailUpdate = {
  /** The store did not know the listener, and has begun to listen for it. */
  isNew: boolean
  /** There were more lines than a listener may leave waiting. */
  sampled: boolean
  events: TailedEvent[]
}

/** What a log store answers. One object per shard of streams, named `logs-{shard}` (`logShard` says which). */
export type LogsRpc = {
  /** Stores what it does not have yet; answered after the commit, so that the agent may forget it. */
  append(batches: LogBatch[]): Promise<void>
  getEvents(query: GetLogEvents): Promise<Outcome<LogEventPage>>
  /** One page of the events of several streams, in order of time. */
  search(query: SearchLogs): Promise<LogSearchPage>
  describeStreams(
    query: DescribeLogStreams,
  ): Promise<Outcome<{ streams: LogStreamView[]; groupExists: boolean; nextToken?: string }>>
  /** At most `limit` groups by name, in ASCII order. */
  describeGroups(query: DescribeLogGroups): Promise<LogGroupView[]>
  /** What was stored since the listener asked before; nothing the first time. To be asked each second or so. */
  hear(query: TailLogs): Promise<Outcome<TailUpdate>>
  /** Which of the groups are here. */
  knownGroups(groups: string[]): Promise<string[]>
}
