import * as z from 'zod'
import { limits } from '../../core/limits.ts'
import { accepted } from '../../core/model/outcome.ts'
import type { LogGroupView } from '../../objects/logs/logs-rpc.ts'
import { operation } from '../operation.ts'
import { groupName, logGroupArn, logGroupName } from './log-group.ts'
import { allShards } from './shards.ts'

const describeLogGroupsInput = z
  .object({
    accountIdentifiers: z.array(z.string()).max(20).exactOptional(),
    logGroupNamePrefix: groupName.exactOptional(),
    logGroupNamePattern: z.string().max(512).exactOptional(),
    logGroupIdentifiers: z.array(z.string().min(1).max(2048)).min(1).max(50).exactOptional(),
    logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY']).exactOptional(),
    includeLinkedAccounts: z.boolean().exactOptional(),
    limit: z.int().min(1).max(limits.describeLogGroups).exactOptional(),
    nextToken: z.string().max(2048).exactOptional(),
  })
  .refine((input) => !(input.logGroupNamePrefix && input.logGroupNamePattern), {
    path: ['logGroupNamePattern'],
    error: 'cannot be combined with logGroupNamePrefix',
  })
  .refine(
    (input) => !(input.logGroupIdentifiers && (input.logGroupNamePrefix || input.logGroupNamePattern)),
    {
      path: ['logGroupIdentifiers'],
      error: 'cannot be combined with logGroupNamePrefix or logGroupNamePattern',
    },
  )

/** A group comes into being with the first line of its first stream. Its streams may be in several stores. */
export const describeLogGroups = operation({
  name: 'DescribeLogGroups',
  schema: describeLogGroupsInput,
  async handle({ env, deployment }, input) {
    if ((input.logGroupClass ?? 'STANDARD') !== 'STANDARD') return accepted({ logGroups: [] })
    const limit = input.limit ?? limits.describeLogGroups
    const names = input.logGroupIdentifiers?.flatMap((logGroupIdentifier) => {
      const name = logGroupName(deployment, { logGroupIdentifier })
      return name.ok ? [name.value] : []
    })
    const query = {
      prefix: input.logGroupNamePrefix ?? '',
      part: input.logGroupNamePattern ?? '',
      limit: limit + 1,
      after: input.nextToken ?? '',
      ...(names ? { names } : {}),
    }
    const replies = await Promise.all(allShards(env).map((shard) => shard.describeGroups(query)))
    const found = joined(replies.flat())
    const page = found.slice(0, limit)
    return accepted({
      logGroups: page.map(({ group, createdAt, storedBytes }) => ({
        logGroupName: group,
        creationTime: createdAt,
        metricFilterCount: 0,
        arn: `${logGroupArn(deployment, group)}:*`,
        storedBytes,
        logGroupClass: 'STANDARD',
        logGroupArn: logGroupArn(deployment, group),
      })),
      ...(found.length > page.length ? { nextToken: page.at(-1)!.group } : {}),
    })
  },
})

/** What the stores know of the same group, added up, in the order of names. */
function joined(views: LogGroupView[]): LogGroupView[] {
  return [...Map.groupBy(views, ({ group }) => group)]
    .map(([group, parts]) => ({
      group,
      createdAt: Math.min(...parts.map(({ createdAt }) => createdAt)),
      storedBytes: parts.reduce((sum, part) => sum + part.storedBytes, 0),
    }))
    .sort((a, b) => (a.group < b.group ? -1 : 1))
}
