import type { LogBatch, LogStreamView } from '../../core/model/log.ts'
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

/** What a log store answers. One object per shard of streams, named `logs-{shard}` (`logShard` says which). */
export type LogsRpc = {
  /** Stores what it does not have yet; answered after the commit, so that the agent may forget it. */
  append(batches: LogBatch[]): Promise<void>
  getEvents(query: GetLogEvents): Promise<Outcome<LogEventPage>>
  describeStreams(
    query: DescribeLogStreams,
  ): Promise<Outcome<{ streams: LogStreamView[]; groupExists: boolean; nextToken?: string }>>
}
