import type { Operation } from '../operation.ts'
import { describeLogStreams } from './describe-log-streams.ts'
import { getLogEvents } from './get-log-events.ts'

/** By `X-Amz-Target`. */
export const logsOperations: ReadonlyMap<string, Operation> = new Map(
  [describeLogStreams, getLogEvents].map((one) => [`Logs_20140328.${one.name}`, one]),
)
