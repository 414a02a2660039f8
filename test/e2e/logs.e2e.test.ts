import {
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logShard } from '../../src/core/model/log-shard.ts'
import { defineScript, submit, waitForEnd, waitForLine } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

const logGroupName = '/aws/batch/job'
const logGroupArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`

let server: Server
beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 8 } })
})
afterAll(() => server?.stop())

/** Every event of a search, as the SDK's paginator finds it. */
async function search(query: Partial<FilterLogEventsCommandInput>, pageSize = 10_000) {
  const found: FilteredLogEvent[] = []
  const pages = paginateFilterLogEvents({ client: server.logs, pageSize }, { logGroupName, ...query })
  for await (const page of pages) found.push(...page.events!)
  return found
}

describe('a deployment in which nothing was printed yet', () => {
  it('has no group, as followers expect', async () => {
    const answer = server.logs.send(new FilterLogEventsCommand({ logGroupName }))
    await expect(answer).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    expect((await server.logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([])
  })
})

describe('FilterLogEvents', () => {
  const jobs = 6
  let logStreamNames: string[]

  beforeAll(async () => {
    const definition = await defineScript(server, 'for i in 1 2 3 4; do echo "$NAME: $i"; done')
    const ids = await Promise.all(
      Array.from({ length: jobs }, (_, at) =>
        submit(server, definition, {
          containerOverrides: { environment: [{ name: 'NAME', value: `job ${at}` }] },
        }),
      ),
    )
    logStreamNames = await Promise.all(
      ids.map(async (id) => {
        const job = await waitForEnd(server, id)
        await waitForLine(server, job, (line) => line.endsWith(': 4'))
        return job.container!.logStreamName!
      }),
    )
  })

  it('finds the lines of many jobs in order of time, page by page', async () => {
    expect(new Set(logStreamNames.map((stream) => logShard(logGroupName, stream))).size).toBeGreaterThan(1)
    const events = await search({}, 5)
    expect(events).toHaveLength(4 * jobs)
    expect(events).toEqual(events.toSorted((a, b) => a.timestamp! - b.timestamp!))
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(4 * jobs)
    expect(events.map(({ message }) => message!).toSorted()).toEqual(
      Array.from({ length: jobs }, (_, at) => [1, 2, 3, 4].map((i) => `job ${at}: ${i}`))
        .flat()
        .toSorted(),
    )
    expect(await search({})).toEqual(events)
  })

  it('finds by stream, by prefix, by pattern and by time', async () => {
    const one = await search({ logStreamNames: [logStreamNames[2]!, 'script/default/none'] })
    expect(one.map(({ message }) => message)).toEqual(['job 2: 1', 'job 2: 2', 'job 2: 3', 'job 2: 4'])
    const some = await search({ logStreamNamePrefix: 'script/', filterPattern: '"job 3" -"3: 3"' })
    expect(some.map(({ message }) => message)).toEqual(['job 3: 1', 'job 3: 2', 'job 3: 4'])
    const last = one.at(-1)!
    const { timestamp } = last
    const now = await search({ startTime: timestamp!, endTime: timestamp! })
    expect(now.map(({ eventId }) => eventId)).toContain(last.eventId)
    expect(await search({ startTime: timestamp! + 3_600_000 })).toEqual([])
  })

  it('lists the group', async () => {
    const { logGroups } = await server.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/' }),
    )
    expect(logGroups).toMatchObject([{ logGroupName, logGroupArn, arn: `${logGroupArn}:*` }])
  })
})

describe('STS', () => {
  it('tells an SDK client who it is', async () => {
    const { url: endpoint, region, accessKeyId, secretAccessKey } = server
    const credentials = { accessKeyId, secretAccessKey }
    const ask = (changes: object) => {
      const sts = new STSClient({ endpoint, region, credentials: { ...credentials, ...changes } })
      return sts.send(new GetCallerIdentityCommand({})).finally(() => sts.destroy())
    }
    expect(await ask({})).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:user/admin',
      UserId: expect.stringMatching(/^AIDA[0-9A-Z]{17}$/),
    })
    await expect(ask({ secretAccessKey: 'x' })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
    await expect(ask({ accessKeyId: 'AKIAX' })).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })
})
