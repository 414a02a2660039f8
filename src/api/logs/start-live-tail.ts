import * as z from 'zod'
import type { Env } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import type { Deployment } from '../../core/model/deployment.ts'
import { parseLogFilter } from '../../core/model/log-filter.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TailLogs, TailUpdate } from '../../objects/logs/logs-rpc.ts'
import { operation } from '../operation.ts'
import { liveTailBody } from './live-tail-session.ts'
import { logGroupName, missingLogGroup, streamName } from './log-group.ts'
import { allShards } from './shards.ts'

const streamNames = z.array(streamName).min(1).max(limits.logStreamsNamed)

const startLiveTailInput = z
  .object({
    logGroupIdentifiers: z.array(z.string().min(1).max(2048)).min(1).max(limits.liveTailGroups),
    logStreamNames: streamNames.exactOptional(),
    logStreamNamePrefixes: streamNames.exactOptional(),
    logEventFilterPattern: z.string().max(limits.logFilterPatternLength).exactOptional(),
  })
  .refine((input) => !(input.logStreamNames && input.logStreamNamePrefixes), {
    path: ['logStreamNamePrefixes'],
    error: 'cannot be combined with logStreamNames',
  })
  .refine(
    (input) =>
      input.logGroupIdentifiers.length === 1 || !(input.logStreamNames ?? input.logStreamNamePrefixes),
    { path: ['logGroupIdentifiers'], error: 'must have one entry where streams are named' },
  )

/**
 * Lines as they are stored, in an event stream. SDKs send it to the endpoint's host behind `stream-` unless they are
 * told not to; it is answered under any name.
 */
export const startLiveTail = operation({
  name: 'StartLiveTail',
  schema: startLiveTailInput,
  async handle({ env, deployment }, input) {
    const groups = namedGroups(deployment, input.logGroupIdentifiers)
    if (!groups.ok) return groups
    const { logEventFilterPattern = '', logStreamNames: streams, logStreamNamePrefixes: prefixes } = input
    const filter = parseLogFilter(logEventFilterPattern)
    if (!filter.ok) return filter
    if (!(await haveGroups(env, [...groups.value.keys()]))) return missingLogGroup
    const query: TailLogs = {
      session: crypto.randomUUID(),
      groups: [...groups.value.keys()],
      filter: filter.value,
      ...(streams ? { streams } : {}),
      ...(prefixes ? { prefixes } : {}),
    }
    const opened = await listen(env, query)
    if (!opened.ok) return opened
    const body = liveTailBody({
      endsAt: Date.now() + limits.liveTailMs,
      start: {
        requestId: crypto.randomUUID(),
        sessionId: query.session,
        logGroupIdentifiers: input.logGroupIdentifiers,
        logStreamNames: streams ?? [],
        logStreamNamePrefixes: prefixes ?? [],
        logEventFilterPattern,
      },
      listen: async () => {
        const update = await listen(env, query)
        if (!update.ok) throw new Error(update.refusal.message)
        return update.value
      },
      show: ({ isNew, sampled, events }) => ({
        sessionMetadata: { sampled: isNew || sampled },
        sessionResults: events.map(({ group, stream, ...event }) => ({
          logGroupIdentifier: groups.value.get(group),
          logStreamName: stream,
          ...event,
        })),
      }),
    })
    return accepted(new Response(body, { headers: { 'content-type': 'application/vnd.amazon.eventstream' } }))
  },
})

/** The groups by their names, each as the client calls it. */
function namedGroups(deployment: Deployment, identifiers: string[]): Outcome<Map<string, string>> {
  const groups = new Map<string, string>()
  for (const logGroupIdentifier of identifiers) {
    const name = logGroupName(deployment, { logGroupIdentifier })
    if (!name.ok) return name
    groups.set(name.value, logGroupIdentifier)
  }
  return accepted(groups)
}

async function haveGroups(env: Env, groups: string[]): Promise<boolean> {
  const replies = await Promise.all(allShards(env).map((shard) => shard.knownGroups(groups)))
  const known = new Set(replies.flat())
  return groups.every((group) => known.has(group))
}

/** What all stores have heard: a stream that does not exist yet may come up in any. In order of time, cut to size. */
async function listen(env: Env, query: TailLogs): Promise<Outcome<TailUpdate>> {
  const replies = await Promise.all(allShards(env).map((shard) => shard.hear(query)))
  const heard: TailUpdate = { isNew: false, sampled: false, events: [] }
  for (const reply of replies) {
    if (!reply.ok) return refused(reply.refusal.message, reply.refusal.code)
    heard.isNew ||= reply.value.isNew
    heard.sampled ||= reply.value.sampled
    heard.events.push(...reply.value.events)
  }
  const events = heard.events.sort((a, b) => a.timestamp - b.timestamp).slice(0, limits.liveTailEvents)
  return accepted({ ...heard, sampled: heard.sampled || events.length < heard.events.length, events })
}
