import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SubmitJobCommand, TerminateJobCommand } from '@aws-sdk/client-batch'
import { describe, expect, it, vi } from 'vitest'
import { processesUsing } from '../../examples/flight-delays/processes-using.ts'
import { identifyProcess } from '../../src/cli/process-identity.ts'
import {
  defineScript,
  describeJob,
  submit,
  waitForEnd,
  waitForLine,
  waitForState,
} from '../support/e2e-jobs.ts'
import { aServer, startServer } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** Runs `longshore dev` where it is to refuse. */
function refusedDev(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'dev', ...argv], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('longshore dev', () => {
  it('prints one line, makes an environment and a queue, and ends without a trace', async () => {
    const directory = join(temporaryDirectory(), 'data')
    const child = spawn(process.execPath, [
      main,
      'dev',
      '--port',
      '0',
      '--data',
      directory,
      '--runtime',
      'process',
    ])
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    await vi.waitUntil(() => printed.includes('\n'), { timeout: 60_000 })
    expect(printed).toMatch(/^longshore ready on http:\/\/127\.0\.0\.1:\d+ \(data \S+; run: \. \S+\/env\)\n$/)
    const call = `. "$0" && curl -sf -H "Authorization: Bearer $LONGSHORE_TOKEN" -d '{}' "$LONGSHORE_URL/v1/$1"`
    const ask = (operation: string) =>
      JSON.parse(
        spawnSync('sh', ['-c', call, join(directory, 'env'), operation], { encoding: 'utf8' }).stdout,
      )
    expect(ask('describecomputeenvironments').computeEnvironments).toMatchObject([
      { computeEnvironmentName: 'local', type: 'UNMANAGED', state: 'ENABLED', status: 'VALID' },
    ])
    expect(ask('describejobqueues').jobQueues).toMatchObject([
      { jobQueueName: 'default', priority: 1, state: 'ENABLED', status: 'VALID' },
    ])
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(printed.split('\n').length).toBe(2)
    expect(processesUsing(directory)).toEqual([])
  })

  it('goes on where it was when it is started again, with jobs that kept running', async () => {
    const dataDirectory = join(temporaryDirectory(), 'data')
    const gate = join(temporaryDirectory(), 'gate')
    const first = await startServer({ dataDirectory })
    const definition = await defineScript(
      first,
      `echo $$; until [ -e ${gate} ]; do sleep 0.05; done; echo done`,
    )
    const kept = await submit(first, definition)
    const behind = await submit(first, definition, { dependsOn: [{ jobId: kept }] })
    const running = await waitForState(first, kept, 'RUNNING')
    const [pid] = await waitForLine(first, running, () => true)
    expect(await first.stop()).toBe(0)
    expect(identifyProcess(Number(pid))).toBeDefined()

    const second = await aServer({ dataDirectory })
    expect([second.accessKeyId, second.token]).toEqual([first.accessKeyId, first.token])
    expect((await describeJob(second, kept)).status).toBe('RUNNING')
    expect((await describeJob(second, behind)).status).toBe('PENDING')
    writeFileSync(gate, '')
    const job = await waitForEnd(second, kept)
    expect(job).toMatchObject({ status: 'SUCCEEDED', startedAt: running.startedAt })
    expect(job.attempts!.length).toBe(1)
    expect(await waitForLine(second, job, (line) => line === 'done')).toEqual([pid, 'done'])
    expect((await waitForEnd(second, behind)).status).toBe('SUCCEEDED')
  })

  it('leaves no server behind when it is killed, and takes up its jobs at the next start', async () => {
    const dataDirectory = join(temporaryDirectory(), 'data')
    const first = await startServer({ dataDirectory })
    const jobId = await submit(first, await defineScript(first, 'sleep 2; echo done'))
    await waitForState(first, jobId, 'RUNNING')
    const { workerd, agent } = first.pids()
    process.kill(first.pid, 'SIGKILL')
    await first.stop()
    const second = await aServer({ dataDirectory })
    expect([workerd, agent!].map(identifyProcess)).toEqual([undefined, undefined])
    const job = await waitForEnd(second, jobId)
    expect({ status: job.status, attempts: job.attempts!.length }).toEqual({
      status: 'SUCCEEDED',
      attempts: 1,
    })
  })

  it('says where inside of an object a request has failed', async () => {
    const dataDirectory = join(temporaryDirectory(), 'data')
    const first = await startServer({ dataDirectory, agent: false })
    const jobId = await submit(first, await defineScript(first, 'true'))
    await first.stop()
    const queues = join(dataDirectory, 'state', 'longshore-queue')
    const [file] = readdirSync(queues).filter(
      (name) => /^\w+\.sqlite$/.test(name) && !name.startsWith('metadata'),
    )
    const database = new DatabaseSync(join(queues, file!))
    database.exec(
      "CREATE TRIGGER broken BEFORE UPDATE ON job BEGIN SELECT raise(ABORT, 'a fault of the disk'); END",
    )
    database.close()

    const second = await aServer({ dataDirectory, agent: false })
    const answer = await fetch(`${second.url}/v1/canceljob`, {
      method: 'POST',
      headers: { authorization: `Bearer ${second.token}` },
      body: JSON.stringify({ jobId, reason: 'a test' }),
    })
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([500, 'ServerException'])
    const requestId = answer.headers.get('x-amzn-requestid')!
    await vi.waitUntil(() => second.said().includes(`${requestId} POST /v1/canceljob: Error: a fault`))
    expect(second.said()).toMatch(
      /^queue-1\.cancelJob failed: Error: a fault of the disk.*\n( +at .+\n)* +at QueueStore\.updateJob /m,
    )
  })

  it('refuses what it cannot use with one line and exit code 1', async () => {
    const server = await aServer({ agent: false })
    const port = new URL(server.url).port
    const root = temporaryDirectory()
    mkdirSync(join(root, 'foreign'))
    writeFileSync(join(root, 'foreign', 'thesis.tex'), '')
    writeFileSync(join(root, 'file'), '')
    const cases: [argv: string[], said: string][] = [
      [
        ['--data', join(root, 'data'), '--port', port],
        `port ${port} on 127.0.0.1 is in use; choose another with --port`,
      ],
      [
        ['--data', server.dataDirectory, '--port', '0'],
        `${server.dataDirectory} is in use by another longshore dev`,
      ],
      [
        ['--data', join(root, 'foreign')],
        `${root}/foreign is not empty and is no Longshore data directory; choose another with --data`,
      ],
      [
        ['--data', join(root, 'file', 'data')],
        `cannot use the data directory ${root}/file/data: ENOTDIR: not a directory, mkdir '${root}/file/data'`,
      ],
    ]
    for (const [argv, said] of cases) {
      expect(refusedDev(...argv)).toEqual({ status: 1, stdout: '', stderr: `longshore: ${said}\n` })
    }
    expect(server.said()).toBe('')
    expect(readFileSync(join(root, 'foreign', 'thesis.tex'), 'utf8')).toBe('')
  })
})

describe('an array of 100,000', () => {
  it('is accepted in one request and its parent and last child are described at once', async () => {
    const server = await aServer({ agent: false })
    const jobDefinition = await defineScript(server, 'true')
    const { jobId } = await server.batch.send(
      new SubmitJobCommand({
        jobName: 'wide',
        jobQueue: 'default',
        jobDefinition,
        arrayProperties: { size: 100_000 },
      }),
    )
    const parent = await describeJob(server, jobId!)
    expect(parent).toMatchObject({ status: 'PENDING', arrayProperties: { size: 100_000 } })
    const summary = Object.values(parent.arrayProperties!.statusSummary!)
    expect(summary.reduce((sum, count) => sum + count, 0)).toBe(100_000)
    expect(await describeJob(server, `${jobId}:99999`)).toMatchObject({
      status: 'RUNNABLE',
      arrayProperties: { index: 99_999 },
    })
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'seen enough' }))
    expect(await waitForEnd(server, jobId!)).toMatchObject({
      status: 'FAILED',
      arrayProperties: { statusSummary: { FAILED: 100_000 } },
    })
    expect(await describeJob(server, `${jobId}:99999`)).toMatchObject({ status: 'FAILED' })
  })
})
