import * as z from 'zod'
import { logsStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { logShard } from '../../core/model/log-shard.ts'
import { operation } from '../operation.ts'
import { instant, logGroupInput, logGroupName, streamName } from './log-group.ts'

const getLogEventsInput = z.object({
  ...logGroupInput,
  logStreamName: streamName,
  startTime: instant.exactOptional(),
  endTime: instant.exactOptional(),
  limit: z.int().min(1).max(limits.logPageEvents).exactOptional(),
  startFromHead: z.boolean().exactOptional(),
  nextToken: z.string().max(2048).exactOptional(),
  unmask: z.boolean().exactOptional(),
})

/** Without `startFromHead` the page is the newest one; both tokens are always answered. */
export const getLogEvents = operation({
  name: 'GetLogEvents',
  schema: getLogEventsInput,
  async handle({ env, deployment }, input) {
    const group = logGroupName(deployment, input)
    if (!group.ok) return group
    const { logStreamName: stream, startTime, endTime, nextToken } = input
    return logsStub(env, logShard(group.value, stream)).getEvents({
      group: group.value,
      stream,
      limit: input.limit ?? limits.logPageEvents,
      startFromHead: input.startFromHead ?? false,
      ...(startTime === undefined ? {} : { startTime }),
      ...(endTime === undefined ? {} : { endTime }),
      ...(nextToken ? { nextToken } : {}),
    })
  },
})
