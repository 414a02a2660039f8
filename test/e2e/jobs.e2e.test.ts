import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CancelJobCommand, TerminateJobCommand } from '@aws-sdk/client-batch'
import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { identifyProcess } from '../../src/cli/process-identity.ts'
import {
  defineScript,
  describeJob,
  submit,
  waitForEnd,
  waitForLine,
  waitForState,
} from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let server: Server
beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 4, injectEnvironment: { SITE: 'harbour' } } })
})
afterAll(() => server?.stop())

const run = async (script: string, more: Parameters<typeof submit>[2] = {}) =>
  submit(server, await defineScript(server, script), more)

describe('a job', () => {
  it('runs to its end, and every field that clients read is there', async () => {
    const jobId = await run('echo out; echo err >&2')
    const job = await waitForEnd(server, jobId)
    const taskId = expect.stringMatching(/^[0-9a-f]{32}$/)
    expect(job).toMatchObject({
      jobId,
      jobName: 'job',
      jobArn: `arn:aws:batch:us-east-1:000000000000:job/${jobId}`,
      jobQueue: 'arn:aws:batch:us-east-1:000000000000:job-queue/default',
      status: 'SUCCEEDED',
      statusReason: 'Essential container in task exited',
      dependsOn: [],
      parameters: {},
      container: { exitCode: 0, image: 'busybox' },
    })
    expect(job.container!.logStreamName).toEqual(expect.stringMatching(/^script\/default\//))
    expect(job.container!.taskArn!.split('/').at(-1)).toEqual(taskId)
    expect(job.createdAt!).toBeLessThanOrEqual(job.startedAt!)
    expect(job.startedAt!).toBeLessThanOrEqual(job.stoppedAt!)
    const lines = await waitForLine(server, job, (line) => line === 'err')
    expect(lines.toSorted()).toEqual(['err', 'out'])
  })

  it('finds the environment that AWS Batch gives, its own, and what the agent injects', async () => {
    const definition = await defineScript(server, 'env; pwd; ls -A | wc -l; echo last', {
      environment: [{ name: 'COLOUR', value: 'green' }],
    })
    const jobId = await submit(server, definition, {
      containerOverrides: { environment: [{ name: 'SHAPE', value: 'two\nlines' }] },
    })
    const lines = await waitForLine(server, await waitForEnd(server, jobId), (line) => line === 'last')
    for (const line of [
      `AWS_BATCH_JOB_ID=${jobId}`,
      'AWS_BATCH_JOB_ATTEMPT=1',
      'AWS_BATCH_CE_NAME=local',
      'AWS_BATCH_JQ_NAME=default',
      'COLOUR=green',
      'SHAPE=two',
      'SITE=harbour',
    ]) {
      expect(lines).toContain(line)
    }
    expect(lines.some((line) => line.startsWith('AWS_EXECUTION_ENV='))).toBe(true)
    expect(lines.filter((line) => /TOKEN|SECRET/.test(line))).toEqual([])
    expect(lines.at(-2)!.trim()).toBe('0')
  })

  it('is told at ECS_CONTAINER_METADATA_URI_V4 what the API tells of it', async () => {
    const script = `"${process.execPath}" -e "fetch(process.env.ECS_CONTAINER_METADATA_URI_V4 + '/task').then((a) => a.text()).then(console.log)"`
    const resourceRequirements = [{ type: 'MEMORY' as const, value: '512' }]
    const job = await waitForEnd(server, await run(script, { containerOverrides: { resourceRequirements } }))
    const [line] = await waitForLine(server, job, (text) => text.startsWith('{'))
    const { TaskARN, Containers } = JSON.parse(line!)
    expect(TaskARN).toBe(job.container!.taskArn)
    expect(Containers).toMatchObject([
      {
        Image: job.container!.image,
        LogOptions: {
          'awslogs-group': '/aws/batch/job',
          'awslogs-region': 'us-east-1',
          'awslogs-stream': job.container!.logStreamName,
        },
      },
    ])
  })

  it('can be read while it runs', async () => {
    const jobId = await run('echo first; sleep 600')
    const job = await waitForState(server, jobId, 'RUNNING')
    expect(await waitForLine(server, job, (line) => line === 'first')).toEqual(['first'])
    const { logStreams } = await server.logs.send(
      new DescribeLogStreamsCommand({
        logGroupName: '/aws/batch/job',
        logStreamNamePrefix: job.container!.logStreamName!,
      }),
    )
    expect(logStreams!.map(({ logStreamName }) => logStreamName)).toEqual([job.container!.logStreamName])
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'enough read' }))
    await waitForEnd(server, jobId)
  })

  it('fails with its exit code', async () => {
    const job = await waitForEnd(server, await run('exit 7'))
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Essential container in task exited',
      container: { exitCode: 7 },
    })
    expect(job.attempts!.map(({ container }) => container!.exitCode)).toEqual([7])
  })

  it('substitutes parameters', async () => {
    const definition = await defineScript(server, '', {
      parameters: { greeting: 'hello', whom: 'nobody' },
      containerProperties: {
        image: 'busybox',
        command: ['echo', 'Ref::greeting', 'Ref::whom'],
        resourceRequirements: [
          { type: 'VCPU', value: '1' },
          { type: 'MEMORY', value: '64' },
        ],
      },
    })
    const job = await waitForEnd(server, await submit(server, definition, { parameters: { whom: 'world' } }))
    expect(await waitForLine(server, job, () => true)).toEqual(['hello world'])
    expect(job.parameters).toEqual({ greeting: 'hello', whom: 'world' })
  })

  it('is tried again as its retry strategy says, with a log stream for each attempt', async () => {
    const jobId = await run('echo $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_ATTEMPT = 3 ] || exit 9', {
      retryStrategy: { attempts: 5 },
    })
    const job = await waitForEnd(server, jobId)
    expect(job.status).toBe('SUCCEEDED')
    expect(job.attempts!.map(({ container }) => container!.exitCode)).toEqual([9, 9, 0])
    expect(new Set(job.attempts!.map(({ container }) => container!.logStreamName)).size).toBe(3)
    expect(await waitForLine(server, job, () => true)).toEqual(['3'])
  })

  it('is not tried again where a rule says exit', async () => {
    const rule = { onExitCode: '4', action: 'EXIT' as const }
    const jobId = await run('exit 4', { retryStrategy: { attempts: 5, evaluateOnExit: [rule] } })
    const job = await waitForEnd(server, jobId)
    expect(job.attempts!.map(({ container }) => container!.exitCode)).toEqual([4])
  })

  it('does not run after a job it depends on has failed, and runs after one that succeeded', async () => {
    const path = join(temporaryDirectory(), 'order')
    const first = await run(`echo first >> ${path}`)
    const second = await run(`echo second >> ${path}`, { dependsOn: [{ jobId: first }] })
    const third = await run(`echo third >> ${path}; exit 1`, { dependsOn: [{ jobId: second }] })
    const never = await run(`touch ${path}.never`, { dependsOn: [{ jobId: third }] })
    const job = await waitForEnd(server, never)
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'Dependent Job failed', attempts: [] })
    expect(job.container!.exitCode).toBeUndefined()
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\nthird\n')
    expect(existsSync(`${path}.never`)).toBe(false)
  })

  it('is stopped with its whole process group when it is terminated, and may clean up', async () => {
    const directory = temporaryDirectory()
    const jobId = await run(
      `trap 'echo cleaning; exit 3' TERM; sleep 600 & echo $! > ${directory}/pid; echo up; wait`,
      { retryStrategy: { attempts: 3 } },
    )
    const running = await waitForState(server, jobId, 'RUNNING')
    await waitForLine(server, running, (line) => line === 'up')
    const pid = Number(readFileSync(`${directory}/pid`, 'utf8'))
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'changed my mind' }))
    const job = await waitForEnd(server, jobId)
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'changed my mind', isTerminated: true })
    expect(job.attempts!.length).toBe(1)
    expect(await waitForLine(server, job, (line) => line === 'cleaning')).toEqual(['up', 'cleaning'])
    await vi.waitUntil(() => identifyProcess(pid) === undefined)
  })

  it('can be cancelled while it waits, but not while it runs', async () => {
    const gate = join(temporaryDirectory(), 'gate')
    const running = await run(`until [ -e ${gate} ]; do sleep 0.05; done`)
    const waiting = await run('true', { dependsOn: [{ jobId: running }] })
    await waitForState(server, running, 'RUNNING')
    for (const jobId of [running, waiting]) {
      await server.batch.send(new CancelJobCommand({ jobId, reason: 'not needed' }))
    }
    expect((await describeJob(server, running)).status).toBe('RUNNING')
    writeFileSync(gate, '')
    expect((await waitForEnd(server, running)).status).toBe('SUCCEEDED')
    const cancelled = await waitForEnd(server, waiting)
    expect(cancelled).toMatchObject({ status: 'FAILED', statusReason: 'not needed', isCancelled: true })
    expect(cancelled.attempts).toEqual([])
  })

  it('waits while nothing can hold it and is then accounted for', async () => {
    const needs = { resourceRequirements: [{ type: 'VCPU' as const, value: '4' }] }
    const gate = join(temporaryDirectory(), 'gate')
    const wide = await run(`until [ -e ${gate} ]; do sleep 0.05; done`, { containerOverrides: needs })
    await waitForState(server, wide, 'RUNNING')
    const next = await run('true')
    expect((await waitForState(server, next, 'RUNNABLE')).attempts).toEqual([])
    writeFileSync(gate, '')
    expect((await waitForEnd(server, next)).status).toBe('SUCCEEDED')
  })
})

describe('an array job', () => {
  it('runs a child for each index and counts them by state', async () => {
    const jobId = await run('echo $AWS_BATCH_JOB_ARRAY_INDEX of $AWS_BATCH_JOB_ARRAY_SIZE', {
      arrayProperties: { size: 2 },
    })
    const parent = await waitForEnd(server, jobId)
    expect(parent.arrayProperties).toMatchObject({
      size: 2,
      statusSummary: { SUCCEEDED: 2, FAILED: 0, RUNNING: 0, RUNNABLE: 0 },
    })
    const child = await describeJob(server, `${jobId}:1`)
    expect(child).toMatchObject({ status: 'SUCCEEDED', arrayProperties: { index: 1 } })
    expect(await waitForLine(server, child, () => true)).toEqual(['1 of 2'])
  })

  it('fails when a child fails, after the others have run', async () => {
    const jobId = await run('[ $AWS_BATCH_JOB_ARRAY_INDEX != 1 ]', { arrayProperties: { size: 5 } })
    const parent = await waitForEnd(server, jobId)
    expect(parent).toMatchObject({
      status: 'FAILED',
      statusReason: 'Array Child Job failed',
      arrayProperties: { statusSummary: { SUCCEEDED: 4, FAILED: 1 } },
    })
  })

  it('runs child by child behind another array', async () => {
    const directory = temporaryDirectory()
    const size = 6
    const first = await run(`touch ${directory}/$AWS_BATCH_JOB_ARRAY_INDEX`, { arrayProperties: { size } })
    const second = await run(`test -e ${directory}/$AWS_BATCH_JOB_ARRAY_INDEX`, {
      arrayProperties: { size },
      dependsOn: [{ jobId: first, type: 'N_TO_N' }],
    })
    expect((await waitForEnd(server, second)).status).toBe('SUCCEEDED')
  })

  it('runs its children one after another when it is sequential', async () => {
    const path = join(temporaryDirectory(), 'order')
    const jobId = await run(`echo $AWS_BATCH_JOB_ARRAY_INDEX >> ${path}`, {
      arrayProperties: { size: 4 },
      dependsOn: [{ type: 'SEQUENTIAL' }],
    })
    expect((await waitForEnd(server, jobId)).status).toBe('SUCCEEDED')
    expect(readFileSync(path, 'utf8')).toBe('0\n1\n2\n3\n')
  })

  it('ends with all its children when it is terminated', async () => {
    const jobId = await run('sleep 600', { arrayProperties: { size: 50 } })
    await waitForState(server, `${jobId}:0`, 'RUNNING')
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'stop all' }))
    const parent = await waitForEnd(server, jobId)
    expect(parent).toMatchObject({ status: 'FAILED', arrayProperties: { statusSummary: { FAILED: 50 } } })
  })
})
