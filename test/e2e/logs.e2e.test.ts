import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  paginateFilterLogEvents,
  StartLiveTailCommand,
  type StartLiveTailCommandInput,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
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
    const matched = await search({ filterPattern: '%^job [35]: [12]$%' })
    expect(matched.map(({ message }) => message).toSorted()).toEqual([
      'job 3: 1',
      'job 3: 2',
      'job 5: 1',
      'job 5: 2',
    ])
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

describe('StartLiveTail', () => {
  /** What a session says. Its host prefix is switched off, as it must be where an endpoint is an address. */
  async function tail(query: Partial<StartLiveTailCommandInput> = {}) {
    const { url: endpoint, region, accessKeyId, secretAccessKey } = server
    const credentials = { accessKeyId, secretAccessKey }
    const client = new CloudWatchLogsClient({ endpoint, region, credentials, disableHostPrefix: true })
    onTestFinished(() => client.destroy())
    const input = { logGroupIdentifiers: [logGroupArn], ...query }
    const { responseStream } = await client.send(new StartLiveTailCommand(input))
    return responseStream![Symbol.asyncIterator]() as AsyncIterator<StartLiveTailResponseStream>
  }

  /** The lines of a session up to the one that is the last. */
  async function linesUpTo(session: AsyncIterator<StartLiveTailResponseStream>, last: string) {
    const lines: string[] = []
    while (!lines.includes(last)) {
      const { value } = await session.next()
      lines.push(...value.sessionUpdate!.sessionResults!.map(({ message }: { message?: string }) => message!))
    }
    await session.return?.()
    return lines
  }

  it('tells the lines of a job that runs, those that are wanted, as they are printed', async () => {
    await waitForLine(
      server,
      await waitForEnd(server, await submit(server, await defineScript(server, 'echo before'))),
      () => true,
    )
    const session = await tail({ logEventFilterPattern: 'step', logStreamNamePrefixes: ['script/'] })
    const { value: start } = await session.next()
    expect(start.sessionStart).toMatchObject({
      logGroupIdentifiers: [logGroupArn],
      logStreamNames: [],
      logStreamNamePrefixes: ['script/'],
      logEventFilterPattern: 'step',
      sessionId: expect.any(String),
    })
    const jobId = await submit(
      server,
      await defineScript(
        server,
        'for i in 1 2 3; do echo "step $i"; echo noise; sleep 0.5; done; echo last step',
      ),
    )
    expect(await linesUpTo(session, 'last step')).toEqual(['step 1', 'step 2', 'step 3', 'last step'])
    await waitForEnd(server, jobId)
  })

  it('tells several listeners the lines of many jobs', async () => {
    const sessions = [await tail(), await tail()]
    for (const session of sessions) await session.next()
    const definition = await defineScript(server, 'echo "child $AWS_BATCH_JOB_ARRAY_INDEX"')
    const jobId = await submit(server, definition, { arrayProperties: { size: 20 } })
    await waitForEnd(server, jobId)
    await submit(server, await defineScript(server, 'sleep 1; echo over'))
    const wanted = Array.from({ length: 20 }, (_, index) => `child ${index}`).sort()
    for (const session of sessions) {
      const lines = await linesUpTo(session, 'over')
      expect(lines.filter((line) => line !== 'over').sort()).toEqual(wanted)
    }
  })

  it.each<[string, Partial<StartLiveTailCommandInput>, string]>([
    ['an unknown group', { logGroupIdentifiers: ['none'] }, 'ResourceNotFoundException'],
    ['a broken pattern', { logEventFilterPattern: '{' }, 'InvalidParameterException'],
  ])('refuses %s', async (_, query, name) => {
    await expect(tail(query)).rejects.toMatchObject({ name })
  })
})
