import {
  CreateJobQueueCommand,
  DescribeJobsCommand,
  GetJobQueueSnapshotCommand,
  ListJobsCommand,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch'
import { describe, expect, it } from 'vitest'
import { defineScript, describeJob, submit, waitForEnd, waitForState } from '../../support/e2e-jobs.ts'
import { policyArn } from './described.ts'
import { batch, server } from './shared-server.ts'

const requirements = [
  { type: 'VCPU' as const, value: '0.25' },
  { type: 'MEMORY' as const, value: '64' },
]
const failing = { image: 'busybox', command: ['sh', '-c', 'exit 3'], resourceRequirements: requirements }

describe('jobs, as they run', () => {
  it('tells of a single job where and how each attempt ended', async () => {
    const definition = await defineScript(server(), 'exit 3', { retryStrategy: { attempts: 2 } })
    const job = await waitForEnd(server(), await submit(server(), definition))
    expect(job.attempts).toHaveLength(2)
    expect(job.attempts?.[0]).toMatchObject({
      container: { exitCode: 3, logStreamName: expect.stringMatching(/^script\/default\/[0-9a-f]{32}$/) },
      statusReason: 'Essential container in task exited',
    })
    expect(job).toMatchObject({
      status: 'FAILED',
      startedAt: expect.any(Number),
      stoppedAt: expect.any(Number),
      container: { exitCode: 3, taskArn: expect.any(String), containerInstanceArn: expect.any(String) },
    })
  })

  it('tells of a container that could not start, by its reason and without an exit code', async () => {
    const definition = await register({
      jobDefinitionName: 'missing',
      type: 'container',
      containerProperties: { ...failing, command: ['/no/such/program'] },
    })
    const job = await waitForEnd(server(), await submit(server(), definition))
    expect(job.container?.reason).toMatch(/^CannotStartContainerError/)
    expect(job.container?.exitCode).toBeUndefined()
    const command = new ListJobsCommand({ jobQueue: 'default', jobStatus: 'FAILED' })
    const { jobSummaryList: listed } = await batch().send(command)
    expect(listed?.find(({ jobId }) => jobId === job.jobId)?.container).toEqual({
      reason: job.container!.reason,
    })
    expect(listed?.some(({ container }) => container?.exitCode === 3)).toBe(true)
  })

  it('tells of an array and its children', async () => {
    const definition = await defineScript(server(), 'exit $AWS_BATCH_JOB_ARRAY_INDEX')
    const parent = await waitForEnd(
      server(),
      await submit(server(), definition, { arrayProperties: { size: 2 } }),
    )
    expect(parent.arrayProperties).toMatchObject({ size: 2, statusSummary: { SUCCEEDED: 1, FAILED: 1 } })
    expect(await describeJob(server(), `${parent.jobId}:1`)).toMatchObject({
      status: 'FAILED',
      arrayProperties: { index: 1 },
    })
  })

  it('tells of each container of a task', async () => {
    const definition = await register({
      jobDefinitionName: 'two',
      type: 'container',
      ecsProperties: {
        taskProperties: [
          {
            containers: [
              { ...failing, name: 'main', dependsOn: [{ containerName: 'side', condition: 'START' }] },
              { ...failing, name: 'side', command: ['sh', '-c', 'exec sleep 60'], essential: false },
              { ...failing, name: 'broken', command: ['/no/such/program'], essential: false },
            ],
          },
        ],
      },
    })
    const job = await waitForEnd(server(), await submit(server(), definition))
    const containers = job.attempts?.[0]?.taskProperties?.[0]?.containers
    expect(containers?.find(({ name }) => name === 'main')).toMatchObject({ exitCode: 3 })
    expect(containers?.find(({ name }) => name === 'broken')?.reason).toMatch(/^CannotStartContainerError/)
    expect(job.ecsProperties?.taskProperties?.[0]?.containers?.map(({ name }) => name)).toEqual([
      'main',
      'side',
      'broken',
    ])
  })

  it('tells of a multi-node job what its main node came to, and of each node', async () => {
    const definition = await register({
      jobDefinitionName: 'pair',
      type: 'multinode',
      nodeProperties: {
        numNodes: 2,
        mainNode: 0,
        nodeRangeProperties: [
          {
            targetNodes: '0:1',
            container: { ...failing, command: ['sh', '-c', 'exit $AWS_BATCH_JOB_NODE_INDEX'] },
          },
        ],
      },
    })
    const job = await waitForEnd(server(), await submit(server(), definition))
    expect(job).toMatchObject({ status: 'SUCCEEDED', attempts: [{ container: { exitCode: 0 } }] })
    expect(job.container).toBeUndefined()
    const { jobs } = await batch().send(
      new DescribeJobsCommand({ jobs: [`${job.jobId}#0`, `${job.jobId}#1`] }),
    )
    expect(jobs?.map(({ nodeDetails }) => nodeDetails)).toEqual([
      { nodeIndex: 0, isMainNode: true },
      { nodeIndex: 1, isMainNode: false },
    ])
  })

  it('shows the head of a queue', async () => {
    const { frontOfQueue } = await batch().send(new GetJobQueueSnapshotCommand({ jobQueue: 'fair' }))
    expect(frontOfQueue?.jobs).toEqual([
      { jobArn: expect.stringContaining(':job/'), earliestTimeAtPosition: expect.any(Number) },
    ])
  })

  it('shows what is dispatched, by share', async () => {
    const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'local' }]
    const schedulingPolicyArn = policyArn('full')
    const queue = { jobQueueName: 'shares', priority: 1, schedulingPolicyArn, computeEnvironmentOrder }
    await batch().send(new CreateJobQueueCommand(queue))
    const definition = await defineScript(server(), 'exec sleep 60')
    const share = { jobQueue: 'shares', shareIdentifier: 'physics' }
    const jobId = await submit(server(), definition, share)
    await waitForState(server(), jobId, 'RUNNING')
    const { queueUtilization } = await batch().send(new GetJobQueueSnapshotCommand({ jobQueue: 'shares' }))
    const capacityUsage = [{ capacityUnit: 'VCPU', quantity: 1 }]
    expect(queueUtilization).toMatchObject({
      totalCapacityUsage: capacityUsage,
      fairshareUtilization: {
        activeShareCount: 1,
        topCapacityUtilization: [{ shareIdentifier: 'physics', capacityUsage }],
      },
      lastUpdatedAt: expect.any(Number),
    })
    await batch().send(new TerminateJobCommand({ jobId, reason: 'seen enough' }))
    await waitForEnd(server(), jobId)
  })
})

async function register(input: RegisterJobDefinitionCommandInput): Promise<string> {
  return (await batch().send(new RegisterJobDefinitionCommand(input))).jobDefinitionArn!
}
