import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../../bindings.ts'
import type { LogBatch } from '../../core/model/log.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import { Logs } from './logs.ts'
import type {
  DescribeLogGroups,
  DescribeLogStreams,
  GetLogEvents,
  LogsRpc,
  SearchLogs,
  TailLogs,
} from './logs-rpc.ts'

/** The Durable Object of one log store. */
export class LogsObject extends DurableObject<Env> implements LogsRpc {
  private readonly sql = new DurableSql(this.ctx.storage)
  private readonly logs = new Logs({ sql: this.sql, clock: systemClock })

  append(batches: LogBatch[]) {
    return this.logs.append(batches)
  }

  getEvents(query: GetLogEvents) {
    return this.logs.getEvents(query)
  }

  search(query: SearchLogs) {
    return this.logs.search(query)
  }

  describeGroups(query: DescribeLogGroups) {
    return this.logs.describeGroups(query)
  }

  hear(query: TailLogs) {
    return this.logs.hear(query)
  }

  knownGroups(groups: string[]) {
    return this.logs.knownGroups(groups)
  }

  describeStreams(query: DescribeLogStreams) {
    return this.logs.describeStreams(query)
  }

  /** Rows written since the object started, as billed. */
  rowsWritten(): number {
    return this.sql.rowsWritten()
  }
}
