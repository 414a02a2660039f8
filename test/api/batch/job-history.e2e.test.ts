import {
  CancelJobsCommand,
  DescribeJobsCommand,
  GetJobQueueSnapshotCommand,
  ListJobsCommand,
  type ListJobsCommandInput,
  paginateListJobs,
  TerminateJobsCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineScript, submit, waitForJob } from '../../support/e2e-jobs.ts'
import { type Server, startServer } from '../../support/server.ts'

let server: Server
let definition: string
/** In the order in which they were submitted. */
let ids: { failed: string; succeeded: string; array: string; first: string; second: string }

beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 1 } })
  definition = await defineScript(server, 'exit $CODE')
  const code = (value: string) => ({ environment: [{ name: 'CODE', value }] })
  const failed = await submit(server, definition, {
    jobName: 'Align-1',
    tags: { team: 'a' },
    containerOverrides: code('3'),
  })
  const succeeded = await submit(server, definition, { jobName: 'align-2' })
  const array = await submit(server, definition, { jobName: 'many', arrayProperties: { size: 2 } })
  for (const jobId of [failed, succeeded, array]) await waitForJob(server, jobId, hasEnded)
  const wants = (value: string) => ({ resourceRequirements: [{ type: 'VCPU' as const, value }] })
  const first = await submit(server, definition, { jobName: 'large-1', containerOverrides: wants('64') })
  const second = await submit(server, definition, { jobName: 'large-2', containerOverrides: wants('64') })
  ids = { failed, succeeded, array, first, second }
})

afterAll(() => server?.stop())

const hasEnded = ({ status }: { status?: string | undefined }) =>
  status === 'SUCCEEDED' || status === 'FAILED'

async function list(input: ListJobsCommandInput): Promise<(string | undefined)[]> {
  const { jobSummaryList } = await server.batch.send(new ListJobsCommand(input))
  return (jobSummaryList ?? []).map(({ jobId }) => jobId)
}

async function search(body: object): Promise<{ status: number; body: { jobs: { jobId: string }[] } }> {
  const response = await fetch(`${server.url}/v1/searchjobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ jobQueue: 'default', ...body }),
  })
  return { status: response.status, body: (await response.json()) as { jobs: { jobId: string }[] } }
}

async function found(...filters: { name: string; values: string[] }[]): Promise<string[]> {
  return (await search({ filters })).body.jobs.map(({ jobId }) => jobId)
}

describe('ListJobs', () => {
  it('lists by state and by filter, newest first', async () => {
    const { failed, succeeded, array, first, second } = ids
    const jobQueue = 'default'
    const filter = (name: string, ...values: string[]) => list({ jobQueue, filters: [{ name, values }] })
    expect(await list({ jobQueue })).toEqual([])
    expect(await list({ jobQueue, jobStatus: 'SUCCEEDED' })).toEqual([array, succeeded])
    expect(await list({ jobQueue, jobStatus: 'FAILED' })).toEqual([failed])
    expect(await list({ jobQueue, jobStatus: 'RUNNABLE' })).toEqual([second, first])
    expect(await filter('JOB_NAME', 'ALIGN*')).toEqual([succeeded, failed])
    expect(await filter('JOB_DEFINITION', definition)).toHaveLength(5)
    expect(await filter('AFTER_CREATED_AT', '0')).toHaveLength(5)
    expect(await filter('BEFORE_CREATED_AT', '1000')).toEqual([])
    expect(
      await list({
        arrayJobId: array,
        jobStatus: 'SUCCEEDED',
        filters: [{ name: 'JOB_NAME', values: ['x'] }],
      }),
    ).toEqual([`${array}:0`, `${array}:1`])
  })

  it('pages, and summarises', async () => {
    const seen: (string | undefined)[] = []
    const filters = [{ name: 'JOB_NAME', values: ['*'] }]
    for await (const page of paginateListJobs(
      { client: server.batch, pageSize: 2 },
      { jobQueue: 'default', filters },
    ))
      seen.push(...(page.jobSummaryList ?? []).map(({ jobId }) => jobId))
    expect(seen).toEqual(Object.values(ids).reverse())
    const { jobSummaryList } = await server.batch.send(
      new ListJobsCommand({ jobQueue: 'default', jobStatus: 'FAILED' }),
    )
    expect(jobSummaryList).toMatchObject([
      {
        jobName: 'Align-1',
        status: 'FAILED',
        container: { exitCode: 3 },
        capacityUsage: [{ capacityUnit: 'VCPU', quantity: 1 }],
      },
    ])
  })
})

describe('SearchJobs', () => {
  it('finds by any number of conditions', async () => {
    const { failed, succeeded, array, second } = ids
    expect(await found()).toHaveLength(5)
    expect(await found({ name: 'EXIT_CODE', values: ['3'] })).toEqual([failed])
    expect(await found({ name: 'TAG', values: ['team=a'] })).toEqual([failed])
    expect(
      await found({ name: 'STATUS', values: ['SUCCEEDED'] }, { name: 'JOB_NAME', values: ['*lig*'] }),
    ).toEqual([succeeded])
    expect(await found({ name: 'AFTER_STOPPED_AT', values: ['0'] })).toEqual([array, succeeded, failed])
    expect(
      await found(
        { name: 'STATUS_REASON', values: ['misconfiguration'] },
        { name: 'JOB_NAME', values: ['*-2'] },
      ),
    ).toEqual([second])
  })

  it('refuses what it does not understand, in the shape of AWS', async () => {
    expect(await search({ filters: [{ name: 'COLOUR', values: ['red'] }] })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('filters[0].name: must be one of STATUS') },
    })
    expect(await search({ nextToken: 'x' })).toMatchObject({ status: 400 })
    expect(await search({ jobQueue: 'none' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('does not exist') },
    })
  })
})

describe('the head of the queue', () => {
  it('is told in the order of dispatch, and emptied by bulk', async () => {
    const { failed, first, second } = ids
    const head = async () => {
      const { frontOfQueue } = await server.batch.send(
        new GetJobQueueSnapshotCommand({ jobQueue: 'default' }),
      )
      return frontOfQueue?.jobs?.map(({ jobArn }) => jobArn?.split('/')[1])
    }
    expect(await head()).toEqual([first, second])
    const cancelled = await server.batch.send(
      new CancelJobsCommand({ jobs: [first, 'garbage', failed], reason: 'not now' }),
    )
    expect(cancelled).toMatchObject({ successful: [first, 'garbage', failed], errors: [] })
    expect(await head()).toEqual([second])
    await server.batch.send(new TerminateJobsCommand({ jobs: [second, second], reason: 'enough' }))
    expect(await head()).toEqual([])
    const jobs = ['garbage', second, first, failed, second]
    const described = await server.batch.send(new DescribeJobsCommand({ jobs }))
    expect(described.jobs?.map(({ jobId }) => jobId)).toEqual([second, first, failed, second])
    expect(described.jobs).toMatchObject([
      { status: 'FAILED', statusReason: 'enough', isTerminated: true },
      { status: 'FAILED', statusReason: 'not now', isCancelled: true },
      { status: 'FAILED', statusReason: 'Essential container in task exited' },
      {},
    ])
  })
})
