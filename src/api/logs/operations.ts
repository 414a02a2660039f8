import type { Operation } from '../operation.ts'
import { describeLogGroups } from './describe-log-groups.ts'
import { describeLogStreams } from './describe-log-streams.ts'
import { filterLogEvents } from './filter-log-events.ts'
import { getLogEvents } from './get-log-events.ts'
import { startLiveTail } from './start-live-tail.ts'

/** By `X-Amz-Target`. */
export const logsOperations: ReadonlyMap<string, Operation> = new Map(
  [describeLogGroups, describeLogStreams, filterLogEvents, getLogEvents, startLiveTail].map((one) => [
    `Logs_20140328.${one.name}`,
    one,
  ]),
)
