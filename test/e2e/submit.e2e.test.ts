import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CancelJobCommand,
  CreateJobQueueCommand,
  DescribeJobQueuesCommand,
  ListJobsCommand,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineScript, describeJob, submit, waitForEnd, waitForLine } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

let server: Server
let folder: string
let definition: string

beforeAll(async () => {
  server = await startServer()
  folder = mkdtempSync(join(tmpdir(), 'longshore-submit-'))
  definition = await defineScript(
    server,
    `echo "$AWS_BATCH_JOB_ARRAY_INDEX of $AWS_BATCH_JOB_ARRAY_SIZE"; test "$AWS_BATCH_JOB_ARRAY_INDEX" != 7 || test -e ${folder}/mended`,
    { jobDefinitionName: 'indexed' },
  )
})

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Answer = { status: number; code: string | null; body: Record<string, unknown> & { message?: string } }

/** Longshore's own operations and members, as any HTTP client sends them. */
async function post(operation: string, input: object, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  })
  return {
    status: response.status,
    code: response.headers.get('x-amzn-errortype'),
    body: (await response.json()) as Answer['body'],
  }
}

function job(more: object = {}) {
  return { jobName: 'job', jobQueue: 'default', jobDefinition: definition, ...more }
}

const refused = (message: string) => ({
  status: 400,
  code: 'ClientException',
  body: { message: expect.stringContaining(message) },
})

/** Sends a SubmitJob of the SDK with members and headers that it does not know. */
async function submitWith(headers: Record<string, string>, members: object = {}): Promise<string> {
  const command = new SubmitJobCommand(job() as SubmitJobCommandInput)
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string>; body: string }
      request.body = JSON.stringify({ ...JSON.parse(request.body), ...members })
      request.headers['content-length'] = String(Buffer.byteLength(request.body))
      Object.assign(request.headers, headers)
      return next(args)
    },
    { step: 'build', name: 'extensions' },
  )
  const { jobId } = await server.batch.send(command)
  return jobId!
}

describe('an idempotency token', () => {
  it('as a header or a member of the SDK’s SubmitJob gives the first answer to a repeat', async () => {
    const first = await submitWith({ 'Idempotency-Key': 'a key/of:any kind'.replaceAll(' ', '-') })
    expect(await submitWith({ 'Idempotency-Key': 'a-key/of:any-kind' })).toBe(first)
    const second = await submitWith({}, { clientToken: 'member' })
    expect(await submitWith({ 'Idempotency-Key': 'member' }, { clientToken: 'member' })).toBe(second)
    expect(second).not.toBe(first)
  })

  it('is refused for another request, or where it is none', async () => {
    await post('submitjob', job({ clientToken: 'used' }))
    expect(await post('submitjob', job({ clientToken: 'used', jobName: 'other' }))).toMatchObject(
      refused('clientToken: used was used for another request to this job queue'),
    )
    expect(await post('submitjob', job({ clientToken: 'x'.repeat(65) }))).toMatchObject(
      refused('clientToken: must be at most 64 characters long'),
    )
    expect(await post('submitjob', job(), { 'idempotency-key': 'x'.repeat(256) })).toMatchObject(
      refused('Idempotency-Key: must be 1 to 255 printable ASCII characters'),
    )
    expect(await post('submitjob', job({ clientToken: 'a' }), { 'idempotency-key': 'b' })).toMatchObject(
      refused('clientToken: is not what the header Idempotency-Key says'),
    )
  })
})

describe('POST /v1/submitjobs', () => {
  const { jobQueue: _, ...entry } = job()

  it('submits unlike jobs that depend on each other, and answers each', async () => {
    const bulk = {
      jobQueue: 'default',
      clientToken: 'bulk',
      jobs: [
        { jobName: 'first', jobDefinition: definition },
        { jobName: '-', jobDefinition: definition },
        { ...job(), jobDefinition: definition, dependsOn: [{ entry: 0 }] },
        { jobName: 'not', jobDefinition: definition, dependsOn: [{ entry: 0, type: 'AFTER_FAILURE' }] },
        { ...job({ jobQueue: 'another' }) },
        'nonsense',
      ],
    }
    const answer = await post('submitjobs', bulk)
    const error = (message: string) => ({
      error: { code: 'ClientException', message: expect.stringContaining(message) },
    })
    const made = (jobName: string) => ({
      jobName,
      jobId: expect.any(String),
      jobArn: expect.stringContaining('job/'),
    })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        results: [
          made('first'),
          error('Job name should match valid pattern'),
          made('job'),
          made('not'),
          error('jobQueue: must be the queue of the request'),
          error('entry: must be an object'),
        ],
      },
    })
    expect(await post('submitjobs', bulk)).toEqual(answer)
    const ids = (answer.body.results as { jobId: string }[]).map(({ jobId }) => jobId)
    expect(await waitForEnd(server, ids[2]!)).toMatchObject({
      status: 'SUCCEEDED',
      dependsOn: [{ jobId: ids[0] }],
    })
    expect(await waitForEnd(server, ids[3]!)).toMatchObject({
      status: 'FAILED',
      statusReason: 'Dependent Job succeeded: this job runs only after its failure',
      dependsOn: [{ jobId: ids[0], type: 'AFTER_FAILURE' }],
    })
  })

  it('takes a thousand jobs of 4 KiB, and not one more', async () => {
    const jobs = Array.from({ length: 1_000 }, (_, i) => ({
      jobName: `bulk-${i}`,
      jobDefinition: definition,
      parameters: { text: 'x'.repeat(4_000) },
    }))
    const answer = await post('submitjobs', { jobQueue: 'default', jobs })
    expect(answer.status).toBe(200)
    const results = answer.body.results as { jobName: string }[]
    expect(results.map(({ jobName }) => jobName)).toEqual(jobs.map(({ jobName }) => jobName))
    expect(await post('submitjobs', { jobQueue: 'default', jobs: [...jobs, jobs[0]] })).toMatchObject(
      refused('jobs: must have at most 1000 entries'),
    )
  })

  it.each([
    [{ jobs: [entry] }, 'jobQueue: required'],
    [{ jobQueue: 'default' }, 'jobs: required'],
    [{ jobQueue: 'default', jobs: [] }, 'jobs: must not be empty'],
    [{ jobQueue: 'unknown', jobs: [entry] }, 'jobQueue: job queue unknown does not exist'],
  ])('refuses %j', async (input, message) => {
    expect(await post('submitjobs', input)).toMatchObject(refused(message))
  })
})

describe('a sparse array', () => {
  it('runs its indexes, describes them, and runs those that failed again', async () => {
    const arrayProperties = { size: 100, indexes: '40-42,7', maxConcurrency: 2 }
    const { body } = await post('submitjob', job({ arrayProperties }))
    const jobId = body.jobId as string
    expect((await post('describejobs', { jobs: [jobId] })).body).toMatchObject({
      jobs: [{ arrayProperties: { size: 100, indexes: '7,40-42', maxConcurrency: 2 } }],
    })
    expect(await waitForEnd(server, jobId)).toMatchObject({
      status: 'FAILED',
      arrayProperties: { size: 100, statusSummary: { SUCCEEDED: 3, FAILED: 1 } },
    })
    const child = await describeJob(server, `${jobId}:41`)
    expect(await waitForLine(server, child, () => true)).toEqual(['41 of 100'])
    const list = new ListJobsCommand({ arrayJobId: jobId, jobStatus: 'SUCCEEDED' })
    const { jobSummaryList = [] } = await server.batch.send(list)
    expect(jobSummaryList.map(({ arrayProperties }) => arrayProperties?.index)).toEqual([40, 41, 42])
    writeFileSync(join(folder, 'mended'), '')
    const again = await post('rerunjob', { jobId, jobName: 'again', clientToken: 'again' })
    expect(again).toMatchObject({ status: 200, body: { jobName: 'again', jobArn: expect.any(String) } })
    expect(await post('rerunjob', { jobId, jobName: 'again', clientToken: 'again' })).toEqual(again)
    expect(await waitForEnd(server, again.body.jobId as string)).toMatchObject({
      status: 'SUCCEEDED',
      arrayProperties: { size: 100, statusSummary: { SUCCEEDED: 1 } },
    })
    expect(await post('rerunjob', { jobId: again.body.jobId })).toMatchObject(
      refused('has SUCCEEDED: there is nothing to run again'),
    )
    expect(await post('rerunjob', { jobId: 'garbage' })).toMatchObject(refused('job garbage does not exist'))
  })

  it('may be followed by an array of another queue, child by child', async () => {
    const { jobQueues } = await server.batch.send(new DescribeJobQueuesCommand({ jobQueues: ['default'] }))
    const { computeEnvironmentOrder } = jobQueues![0]!
    await server.batch.send(
      new CreateJobQueueCommand({ jobQueueName: 'second', priority: 1, computeEnvironmentOrder }),
    )
    const arrayProperties = { size: 2 }
    const leader = await submit(server, definition, { arrayProperties })
    const dependsOn = [{ jobId: leader, type: 'N_TO_N' as const }]
    const follower = await submit(server, definition, { jobQueue: 'second', arrayProperties, dependsOn })
    expect(await waitForEnd(server, follower)).toMatchObject({
      status: 'SUCCEEDED',
      dependsOn,
      arrayProperties: { statusSummary: { SUCCEEDED: 2 } },
    })
  })
})

describe('SubmitJob', () => {
  it.each([
    [{ arrayProperties: { size: 1 } }, 'arrayProperties.size: must be at least 2'],
    [{ arrayProperties: { size: 1_000_001 } }, 'arrayProperties.size: must be at most 1000000'],
    [
      { arrayProperties: { size: 9, maxConcurrency: 0 } },
      'arrayProperties.maxConcurrency: must be at least 1',
    ],
    [
      { arrayProperties: { size: 9, indexes: '3-1' } },
      "arrayProperties.indexes: '3-1' ends before it begins",
    ],
    [{ arrayProperties: { size: 9, indexes: 3 } }, 'arrayProperties.indexes: must be a string'],
    [{ dependsOn: [{ entry: 0 }] }, 'dependsOn: entry 0 is not an earlier one of this request'],
    [{ dependsOn: [{ type: 'AFTER_ANY' }] }, 'dependsOn: AFTER_ANY needs a jobId'],
    [{ dependsOn: [{ type: 'SEQUENTIAL' }] }, 'dependsOn: type SEQUENTIAL is for array jobs only'],
    [{ jobDefinition: 'indexed:99' }, 'does not exist'],
    [{ jobDefinition: 'unknown' }, 'does not exist'],
  ])('refuses %j', async (members, message) => {
    expect(await post('submitjob', job(members))).toMatchObject(refused(message))
  })

  it('takes a definition by its name, revision or ARN, and what means nothing', async () => {
    const arn = definition.replace(/:\d+$/, '')
    for (const jobDefinition of ['indexed', 'indexed:1', definition, arn]) {
      const jobId = await submit(server, jobDefinition, { arrayProperties: {}, dependsOn: [], tags: {} })
      const described = await describeJob(server, jobId)
      expect(described).toMatchObject({ jobDefinition: definition, dependsOn: [], parameters: {}, tags: {} })
      expect(described.arrayProperties).toBeUndefined()
    }
  })

  it('runs a command of 30,000 characters; longer overrides of other kinds fail the job', async () => {
    const echo = `: ${'x'.repeat(29_900)}; echo long`
    const long = await submit(server, definition, { containerOverrides: { command: ['sh', '-c', echo] } })
    expect(await waitForEnd(server, long)).toMatchObject({ status: 'SUCCEEDED' })
    const environment = [{ name: 'LONG', value: 'x'.repeat(8_192) }]
    expect(
      await waitForEnd(server, await submit(server, definition, { containerOverrides: { environment } })),
    ).toMatchObject({
      status: 'FAILED',
      attempts: [],
      statusReason: 'Container Overrides length must be at most 8192',
    })
  })

  it('runs a job after any end of another', async () => {
    const blocker = await submit(server, definition, { arrayProperties: { size: 2 } })
    const first = await submit(server, definition, { dependsOn: [{ jobId: blocker }] })
    const { body } = await post('submitjob', job({ dependsOn: [{ jobId: first, type: 'AFTER_ANY' }] }))
    await server.batch.send(new CancelJobCommand({ jobId: first, reason: 'not needed' }))
    expect(await waitForEnd(server, body.jobId as string)).toMatchObject({ status: 'SUCCEEDED' })
  })
})
