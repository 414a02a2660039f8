import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  DescribeJobQueuesCommand,
  type RegisterJobDefinitionCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callBatch } from '../support/api-state.ts'
import {
  defineScript,
  describeJob,
  submit,
  waitForEnd,
  waitForJob,
  waitForLine,
  waitForState,
} from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const preemptedFor = (jobId: string | undefined) =>
  `Preempted: job queue urgent wants its room for job ${jobId}`

let server: Server
beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 1 } })
  const { jobQueues } = await server.batch.send(new DescribeJobQueuesCommand({ jobQueues: ['default'] }))
  await callBatch(server, 'createjobqueue', {
    jobQueueName: 'urgent',
    state: 'ENABLED',
    priority: jobQueues![0]!.priority! + 1,
    computeEnvironmentOrder: jobQueues![0]!.computeEnvironmentOrder,
    schedulingSettings: { preemption: ['LOWER_QUEUES'] },
  })
})
afterAll(() => server?.stop())

const once = { retryStrategy: { attempts: 1 } }

async function runUrgent(script: string): Promise<string> {
  return submit(server, await defineScript(server, script), { jobQueue: 'urgent' })
}

describe('a job of a queue that preempts, on a host that is full', () => {
  it('has a lower job save its work and run again, which costs that no try', async () => {
    const mark = join(temporaryDirectory(), 'mark')
    const script = `
      if [ -e ${mark} ]; then echo "attempt $AWS_BATCH_JOB_ATTEMPT goes on"; exit 0; fi
      trap 'echo "attempt $AWS_BATCH_JOB_ATTEMPT stopped" > ${mark}; exit 9' TERM
      echo ready; while :; do sleep 0.05; done`
    const low = await submit(server, await defineScript(server, script, once))
    const running = await waitForState(server, low, 'RUNNING')
    await waitForLine(server, running, (line) => line === 'ready')
    const urgent = await waitForEnd(server, await runUrgent('echo done'))
    expect(urgent).toMatchObject({ status: 'SUCCEEDED' })
    expect(readFileSync(mark, 'utf8')).toBe('attempt 1 stopped\n')
    const job = await waitForEnd(server, low)
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      attempts: [
        { statusReason: preemptedFor(urgent.jobId), container: { exitCode: 9 } },
        { statusReason: 'Essential container in task exited', container: { exitCode: 0 } },
      ],
    })
    const { attempts } = job
    expect(attempts![0]!.stoppedAt!).toBeLessThanOrEqual(urgent.startedAt!)
    expect(attempts![1]!.startedAt!).toBeGreaterThanOrEqual(urgent.stoppedAt!)
    expect(attempts![0]!.container!.logStreamName).not.toBe(attempts![1]!.container!.logStreamName)
    await waitForLine(server, job, (line) => line === 'attempt 2 goes on')
  })

  it('has one that does not heed be killed when its grace is over', async () => {
    const mark = join(temporaryDirectory(), 'mark')
    const script = `if [ -e ${mark} ]; then exit 0; fi; trap ': > ${mark}' TERM; while :; do sleep 0.05; done`
    const container = {
      name: 'main',
      essential: true,
      image: 'busybox',
      command: ['sh', '-c', script],
      stopTimeout: 2,
      resourceRequirements: [
        { type: 'VCPU' as const, value: '1' },
        { type: 'MEMORY' as const, value: '64' },
      ],
    }
    const definition: Partial<RegisterJobDefinitionCommandInput> = {
      ...once,
      containerProperties: undefined,
      ecsProperties: { taskProperties: [{ containers: [container] }] },
    }
    const low = await submit(server, await defineScript(server, '', definition))
    await waitForState(server, low, 'RUNNING')
    const urgent = await waitForEnd(server, await runUrgent('echo done'))
    const job = await waitForEnd(server, low)
    expect(existsSync(mark)).toBe(true)
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      attempts: [{ statusReason: preemptedFor(urgent.jobId) }, {}],
    })
    const [first] = job.attempts!
    expect(first!.taskProperties![0]!.containers![0]).toMatchObject({ exitCode: 137 })
    expect(first!.stoppedAt! - first!.startedAt!).toBeGreaterThanOrEqual(2_000)
  })

  it('leaves one alone that is of its own queue', async () => {
    const first = await runUrgent('while :; do sleep 0.05; done')
    await waitForState(server, first, 'RUNNING')
    const second = await runUrgent('echo done')
    await waitForJob(server, second, ({ status }) => status === 'RUNNABLE')
    expect((await describeJob(server, first)).status).toBe('RUNNING')
    await server.batch.send(new TerminateJobCommand({ jobId: first, reason: 'seen enough' }))
    expect(await waitForEnd(server, second)).toMatchObject({ status: 'SUCCEEDED' })
    expect(await describeJob(server, first)).toMatchObject({ status: 'FAILED', statusReason: 'seen enough' })
  })
})
