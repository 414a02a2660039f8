import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  type EcsPropertiesOverride,
  type JobDetail,
  RegisterJobDefinitionCommand,
  type TaskContainerProperties,
  TerminateJobCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { submit, waitForEnd, waitForJob, waitForLine, waitForState } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let server: Server

beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 2, memoryMiB: 2048 } })
})
afterAll(async () => {
  await server?.stop()
})

function container(
  name: string,
  script: string,
  members: Partial<TaskContainerProperties> = {},
): TaskContainerProperties {
  const resourceRequirements = [
    { type: 'VCPU' as const, value: '0.25' },
    { type: 'MEMORY' as const, value: '64' },
  ]
  return { name, image: 'busybox', command: ['sh', '-c', script], resourceRequirements, ...members }
}
const helper = (name: string, script: string, members: Partial<TaskContainerProperties> = {}) =>
  container(name, script, { essential: false, ...members })
const needs = (containerName: string, condition: string) => ({ dependsOn: [{ containerName, condition }] })
const untilThere = (file: string) => `until [ -e ${file} ]; do sleep 0.05; done`

/** Registers a definition of these containers. */
async function define(...containers: TaskContainerProperties[]): Promise<string> {
  const { jobDefinitionArn } = await server.batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: 'task',
      type: 'container',
      ecsProperties: { taskProperties: [{ containers }] },
      retryStrategy: { attempts: 1 },
    }),
  )
  return jobDefinitionArn!
}

function containersOf(job: JobDetail) {
  return job.ecsProperties!.taskProperties![0]!.containers!
}

/** What a container of a job has printed, once there is a line that satisfies `isLast`. */
function linesOf(job: JobDetail, name: string, isLast: (line: string) => boolean): Promise<string[]> {
  const { logStreamName } = containersOf(job).find((one) => one.name === name)!
  return waitForLine(server, { ...job, container: { logStreamName: logStreamName! } }, isLast)
}

describe('a job of several containers', () => {
  it('starts them in order, keeps their logs apart and ends with its essential one', async () => {
    const definition = await define(
      helper('sidecar', 'echo sidecar up; exec sleep 600'),
      helper('fetch', 'echo fetched; exit 0'),
      helper('lint', 'echo linted; exit 3', needs('fetch', 'SUCCESS')),
      container('main', 'echo main of $WHO; exit 0', {
        dependsOn: [
          { containerName: 'sidecar', condition: 'START' },
          { containerName: 'lint', condition: 'COMPLETE' },
        ],
      }),
    )
    const ecsPropertiesOverride: EcsPropertiesOverride = {
      taskProperties: [{ containers: [{ name: 'main', environment: [{ name: 'WHO', value: 'us' }] }] }],
    }
    const job = await waitForEnd(server, await submit(server, definition, { ecsPropertiesOverride }))
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      statusReason: 'Essential container in task exited',
      container: {},
      attempts: [{ taskProperties: [{ taskArn: expect.stringContaining(':task/') }] }],
    })
    const taskId = containersOf(job)[0]!.logStreamName!.split('/').at(-1)
    const results = [
      { name: 'sidecar', exitCode: 143, logStreamName: `task/sidecar/${taskId}` },
      { name: 'fetch', exitCode: 0, logStreamName: `task/fetch/${taskId}` },
      { name: 'lint', exitCode: 3, logStreamName: `task/lint/${taskId}` },
      { name: 'main', exitCode: 0, logStreamName: `task/main/${taskId}` },
    ]
    expect(containersOf(job)).toMatchObject(results)
    expect(job.attempts![0]!.taskProperties![0]!.containers).toMatchObject(results)
    for (const [name, line] of Object.entries({ fetch: 'fetched', lint: 'linted', main: 'main of us' }))
      expect(await linesOf(job, name, (printed) => printed === line)).toEqual([line])
    expect(await linesOf(job, 'sidecar', (line) => line === 'sidecar up')).toContain('sidecar up')
  })

  it('fails with the exit code of the essential container that failed, and is retried by it', async () => {
    const definition = await define(
      container('main', 'exit 7'),
      container('other', 'exec sleep 600'),
      helper('helper', 'exec sleep 600'),
    )
    const evaluateOnExit = [
      { onExitCode: '7', action: 'RETRY' as const },
      { onReason: '*', action: 'EXIT' as const },
    ]
    const retryStrategy = { attempts: 2, evaluateOnExit }
    const job = await waitForEnd(server, await submit(server, definition, { retryStrategy }))
    expect(job.status).toBe('FAILED')
    expect(job.attempts).toHaveLength(2)
    expect(containersOf(job).map(({ exitCode }) => exitCode)).toEqual([7, 143, 143])
  })

  it('fails with a reason when a container cannot start because of another', async () => {
    const definition = await define(
      helper('check', 'exit 4'),
      container('main', 'echo never', needs('check', 'SUCCESS')),
    )
    const job = await waitForEnd(server, await submit(server, definition))
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'Task failed to start' })
    expect(containersOf(job)).toMatchObject([
      { exitCode: 4 },
      { reason: 'DependencyError: container check exited with code 4' },
    ])
    expect(containersOf(job)[1]).not.toHaveProperty('exitCode')
  })

  it('is stopped as a whole', async () => {
    const definition = await define(
      container('main', 'trap "echo bye; exit 9" TERM; echo up; while :; do sleep 0.05; done'),
      helper('helper', 'echo up; exec sleep 600'),
    )
    const jobId = await submit(server, definition)
    const running = await waitForState(server, jobId, 'RUNNING')
    for (const name of ['main', 'helper']) await linesOf(running, name, (line) => line === 'up')
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'enough' }))
    const job = await waitForEnd(server, jobId)
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'enough', isTerminated: true })
    expect(containersOf(job).map(({ exitCode }) => exitCode)).toEqual([9, 143])
  })

  it('goes on after a kill -9 of the agent, running no container twice', async () => {
    const directory = temporaryDirectory()
    const [log, go] = ['log', 'go'].map((name) => join(directory, name)) as [string, string]
    const definition = await define(
      helper('first', `echo first >> ${log}`),
      helper('sidecar', `echo sidecar >> ${log}; exec sleep 600`),
      helper('second', `echo second >> ${log}; ${untilThere(go)}`, needs('first', 'SUCCESS')),
      container('main', `echo main >> ${log}; echo done`, needs('second', 'SUCCESS')),
    )
    const jobId = await submit(server, definition)
    const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').toSorted() : [])
    await expect.poll(lines, { timeout: 60_000 }).toEqual(['first', 'second', 'sidecar'])
    const { agent } = server.pids()
    process.kill(agent!, 'SIGKILL')
    writeFileSync(go, '')
    const job = await waitForEnd(server, jobId)
    expect(job).toMatchObject({ status: 'SUCCEEDED', attempts: [{}] })
    expect(containersOf(job).map(({ exitCode }) => exitCode)).toEqual([0, 143, 0, 0])
    expect(lines()).toEqual(['first', 'main', 'second', 'sidecar'])
    expect(await linesOf(job, 'main', (line) => line === 'done')).toEqual(['done'])
  })

  it('takes the room of all its containers together', async () => {
    const large = { resourceRequirements: [{ type: 'VCPU' as const, value: '1.5' }] }
    const definition = await define(container('a', 'exit 0', large), container('b', 'exit 0', large))
    const jobId = await submit(server, definition)
    const job = await waitForJob(server, jobId, ({ statusReason }) => statusReason !== undefined)
    expect(job).toMatchObject({
      status: 'RUNNABLE',
      statusReason: expect.stringMatching(/^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT.*3 vCPU wanted/),
    })
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'seen' }))
  })
})

describe('a job that is a pod', () => {
  it('waits and says that it needs Kubernetes', async () => {
    const { jobDefinitionArn } = await server.batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: 'pod',
        type: 'container',
        eksProperties: { podProperties: { containers: [{ image: 'busybox', command: ['true'] }] } },
      }),
    )
    const computeResources = {
      type: 'EC2' as const,
      maxvCpus: 4,
      minvCpus: 0,
      instanceTypes: ['m5'],
      subnets: ['subnet-1'],
    }
    const cluster = {
      eksClusterArn: 'arn:aws:eks:us-east-1:000000000000:cluster/c',
      kubernetesNamespace: 'batch',
    }
    await server.batch.send(
      new CreateComputeEnvironmentCommand({
        computeEnvironmentName: 'cluster',
        type: 'MANAGED',
        eksConfiguration: cluster,
        computeResources: { ...computeResources, securityGroupIds: ['sg-1'], instanceRole: 'role' },
      }),
    )
    const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'cluster' }]
    await server.batch.send(
      new CreateJobQueueCommand({ jobQueueName: 'pods', priority: 1, computeEnvironmentOrder }),
    )
    const eksPropertiesOverride = { podProperties: { containers: [{ name: 'Default', args: ['x'] }] } }
    const jobId = await submit(server, jobDefinitionArn!, {
      jobQueue: 'pods',
      eksPropertiesOverride,
    })
    const job = await waitForJob(server, jobId, ({ statusReason }) => statusReason !== undefined)
    expect(job).toMatchObject({
      status: 'RUNNABLE',
      statusReason: expect.stringContaining('needs a Kubernetes cluster'),
      eksAttempts: [],
      eksProperties: {
        podProperties: { containers: [{ image: 'busybox', command: ['true'], args: ['x'] }] },
      },
    })
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'seen' }))
    expect(await waitForEnd(server, jobId)).toMatchObject({ status: 'FAILED', statusReason: 'seen' })
  })
})
