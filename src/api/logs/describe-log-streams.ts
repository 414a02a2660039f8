import * as z from 'zod'
import type { Env } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import type { Deployment } from '../../core/model/deployment.ts'
import type { LogStreamView } from '../../core/model/log.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { DescribeLogStreams } from '../../objects/logs/logs-rpc.ts'
import { operation } from '../operation.ts'
import { logGroupArn, logGroupInput, logGroupName, missingLogGroup, streamName } from './log-group.ts'
import { allShards } from './shards.ts'

const describeLogStreamsInput = z
  .object({
    ...logGroupInput,
    logStreamNamePrefix: streamName.exactOptional(),
    orderBy: z.enum(['LogStreamName', 'LastEventTime']).exactOptional(),
    descending: z.boolean().exactOptional(),
    limit: z.int().min(1).max(limits.describeLogStreams).exactOptional(),
    nextToken: z
      .string()
      .max(2048)
      .regex(/^(\d{1,16}\/.+)?$/s, 'not a token of this operation')
      .exactOptional(),
  })
  .refine((input) => !(input.orderBy === 'LastEventTime' && input.logStreamNamePrefix), {
    path: ['orderBy'],
    error: 'LastEventTime cannot be combined with logStreamNamePrefix',
  })

/** Streams are spread over shards: each is asked for a page, and the pages are merged. */
export const describeLogStreams = operation({
  name: 'DescribeLogStreams',
  schema: describeLogStreamsInput,
  async handle({ env, deployment }, input) {
    const group = logGroupName(deployment, input)
    if (!group.ok) return group
    const query: DescribeLogStreams = {
      group: group.value,
      orderBy: input.orderBy ?? 'LogStreamName',
      descending: input.descending ?? false,
      limit: input.limit ?? limits.describeLogStreams,
      ...(input.logStreamNamePrefix ? { prefix: input.logStreamNamePrefix } : {}),
      ...(input.nextToken ? { nextToken: shardToken(input) } : {}),
    }
    const page = await mergedPage(env, query)
    if (!page.ok) return page
    const { streams, hasMore } = page.value
    return accepted({
      logStreams: streams.map((stream) => logStreamDetail(deployment, stream)),
      ...(hasMore && streams.length > 0 ? { nextToken: pageEnd(streams.at(-1)!) } : {}),
    })
  },
})

async function mergedPage(
  env: Env,
  query: DescribeLogStreams,
): Promise<Outcome<{ streams: LogStreamView[]; hasMore: boolean }>> {
  const replies = await Promise.all(allShards(env).map((shard) => shard.describeStreams(query)))
  const found: LogStreamView[] = []
  let [groupExists, hasMore] = [false, false]
  for (const reply of replies) {
    if (!reply.ok) return refused(reply.refusal.message, reply.refusal.code)
    found.push(...reply.value.streams)
    groupExists ||= reply.value.groupExists
    hasMore ||= reply.value.nextToken !== undefined
  }
  if (!groupExists) return missingLogGroup
  const streams = found.sort(streamOrder(query)).slice(0, query.limit)
  return accepted({ streams, hasMore: hasMore || found.length > streams.length })
}

function streamOrder({ orderBy, descending }: DescribeLogStreams) {
  return (a: LogStreamView, b: LogStreamView): number => {
    const byTime = orderBy === 'LastEventTime' ? (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0) : 0
    const order = byTime || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0)
    return descending ? -order : order
  }
}

/** The client's token is the last stream's place by time, whatever the order; a shard is told what its order needs. */
function pageEnd(stream: LogStreamView): string {
  return `${stream.lastEventAt ?? 0}/${stream.stream}`
}

function shardToken({ orderBy, nextToken = '' }: { orderBy?: string; nextToken?: string }): string {
  return orderBy === 'LastEventTime' ? nextToken : nextToken.slice(nextToken.indexOf('/') + 1)
}

/** The API's LogStream; AWS itself reports no stored bytes any more. */
function logStreamDetail(deployment: Deployment, view: LogStreamView): object {
  return {
    logStreamName: view.stream,
    creationTime: view.createdAt,
    ...(view.firstEventAt === undefined ? {} : { firstEventTimestamp: view.firstEventAt }),
    ...(view.lastEventAt === undefined ? {} : { lastEventTimestamp: view.lastEventAt }),
    ...(view.lastIngestedAt === undefined ? {} : { lastIngestionTime: view.lastIngestedAt }),
    arn: `${logGroupArn(deployment, view.group)}:log-stream:${view.stream}`,
    storedBytes: 0,
  }
}
