import * as z from 'zod'
import { type Env, logsStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { parseLogFilter } from '../../core/model/log-filter.ts'
import { cutLogPage } from '../../core/model/log-page.ts'
import { comparePlaces, type LogPlace, logEventId } from '../../core/model/log-place.ts'
import { logShard } from '../../core/model/log-shard.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { FoundEvent, LogSearchPage, SearchLogs } from '../../objects/logs/logs-rpc.ts'
import { operation } from '../operation.ts'
import { instant, logGroupInput, logGroupName, missingLogGroup, streamName } from './log-group.ts'
import { formatSearchToken, parseSearchToken } from './search-token.ts'
import { allShards } from './shards.ts'

/** Newest first is offered for what began in 2024 or later. */
const newestFirstFrom = Date.UTC(2024, 0, 1)

const filterLogEventsInput = z
  .object({
    ...logGroupInput,
    logStreamNames: z.array(streamName).min(1).max(limits.logStreamsNamed).exactOptional(),
    logStreamNamePrefix: streamName.exactOptional(),
    startTime: instant.exactOptional(),
    endTime: instant.exactOptional(),
    filterPattern: z.string().max(limits.logFilterPatternLength).exactOptional(),
    nextToken: z.string().max(4096).exactOptional(),
    limit: z.int().min(1).max(limits.logPageEvents).exactOptional(),
    startFromHead: z.boolean().exactOptional(),
    interleaved: z.boolean().exactOptional(),
    unmask: z.boolean().exactOptional(),
  })
  .refine((input) => !(input.logStreamNames && input.logStreamNamePrefix), {
    path: ['logStreamNamePrefix'],
    error: 'cannot be combined with logStreamNames',
  })
  .refine((input) => input.startFromHead !== false || (input.startTime ?? 0) >= newestFirstFrom, {
    path: ['startFromHead'],
    error: 'false needs a startTime of 2024-01-01T00:00:00Z or later',
  })

/**
 * Events of several streams, merged by time. Each store is asked for a page; beyond where one of them has stopped
 * nothing is shown yet. As CloudWatch Logs does, the end of the range is inclusive here, and exclusive in GetLogEvents.
 */
export const filterLogEvents = operation({
  name: 'FilterLogEvents',
  schema: filterLogEventsInput,
  async handle({ env, deployment }, input) {
    const group = logGroupName(deployment, input)
    if (!group.ok) return group
    const query = searchQuery(group.value, input)
    if (!query.ok) return query
    const page = await mergedPage(env, query.value)
    if (!page.ok) return page
    const { events, next } = page.value
    return accepted({
      events: events.map((event) => ({
        logStreamName: event.stream,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestionTime,
        eventId: logEventId(group.value, event),
      })),
      searchedLogStreams: [],
      ...(next ? { nextToken: formatSearchToken({ order: query.value.order, after: next }) } : {}),
    })
  },
})

function searchQuery(group: string, input: z.infer<typeof filterLogEventsInput>): Outcome<SearchLogs> {
  const filter = parseLogFilter(input.filterPattern ?? '')
  if (!filter.ok) return filter
  const token = input.nextToken ? parseSearchToken(input.nextToken) : undefined
  if (input.nextToken && !token)
    return refused('The specified nextToken is invalid.', 'InvalidParameterException')
  const { logStreamNames: streams, logStreamNamePrefix: prefix } = input
  return accepted({
    group,
    startTime: input.startTime ?? 0,
    endTime: (input.endTime ?? Number.MAX_SAFE_INTEGER - 1) + 1,
    filter: filter.value,
    limit: input.limit ?? limits.logPageEvents,
    order: token?.order ?? (input.startFromHead === false ? 'newest-first' : 'oldest-first'),
    ...(streams ? { streams } : {}),
    ...(prefix ? { prefix } : {}),
    ...(token ? { after: token.after } : {}),
  })
}

async function mergedPage(
  env: Env,
  query: SearchLogs,
): Promise<Outcome<{ events: FoundEvent[]; next?: LogPlace }>> {
  const replies = await askStores(env, query)
  if (!replies.some((reply) => reply.groupExists)) return missingLogGroup
  if (query.streams && !replies.some((reply) => reply.streamExists))
    return refused('The specified log stream does not exist.', 'ResourceNotFoundException')
  const compare = (a: LogPlace, b: LogPlace) => comparePlaces(query.order, a, b)
  const horizon = replies.flatMap(({ searchedTo }) => searchedTo ?? []).sort(compare)[0]
  const found = replies
    .flatMap(({ events }) => events)
    .filter((event) => !horizon || compare(event, horizon) <= 0)
  const events = cutLogPage(query.order, found, query.limit)
  const last = events.length < found.length ? events.at(-1) : undefined
  const next = last ?? horizon
  return accepted({ events, ...(next ? { next } : {}) })
}

/** Named streams are sought where they are kept; every store knows something of whether the group exists. */
function askStores(env: Env, query: SearchLogs): Promise<LogSearchPage[]> {
  const { streams } = query
  if (!streams) return Promise.all(allShards(env).map((shard) => shard.search(query)))
  const byShard = Map.groupBy(streams, (stream) => logShard(query.group, stream))
  return Promise.all(
    Array.from({ length: limits.logShards }, (_, shard) =>
      logsStub(env, shard).search({ ...query, streams: byShard.get(shard) ?? [] }),
    ),
  )
}
