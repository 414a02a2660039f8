import { describe, expect, it } from 'vitest'
import { jobDetail, jobSummary } from '../../../src/api/batch/job-detail.ts'
import { type AttemptView, emptySummary, type JobView } from '../../../src/core/model/job.ts'

const deployment = { partition: 'aws', region: 'eu-central-1', accountId: '123456789012', salt: 's' }
const arn = (resource: string) => `arn:aws:batch:eu-central-1:123456789012:${resource}`
const ecs = (resource: string) => `arn:aws:ecs:eu-central-1:123456789012:${resource}`

function aView(changes: Partial<JobView> = {}): JobView {
  return {
    jobId: 'id',
    jobName: 'align',
    queue: 'default',
    definition: { name: 'bwa', revision: 3 },
    vcpus: 1,
    state: 'RUNNABLE',
    createdAt: 1000,
    attempts: [],
    retryStrategy: { attempts: 1 },
    dependsOn: [],
    parameters: {},
    tags: {},
    container: { image: 'bwa:1', command: ['bwa'], privileged: false },
    ...changes,
  }
}

const ended: AttemptView = {
  attemptId: 'a1',
  environment: 'local',
  instanceId: 'i-1',
  startedAt: 2000,
  stoppedAt: 3000,
  exitCode: 1,
  reason: 'OutOfMemoryError: Container killed due to memory usage',
  statusReason: 'Essential container in task exited',
  logStreamName: 'bwa/default/a1',
}

const task = {
  taskArn: ecs('task/local/a1'),
  containerInstanceArn: ecs('container-instance/local/i-1'),
  logStreamName: 'bwa/default/a1',
  networkInterfaces: [],
}

const nodeContainer = {
  environment: [],
  mountPoints: [],
  resourceRequirements: [],
  secrets: [],
  ulimits: [],
  volumes: [],
  image: 'mpi',
  command: ['mpirun'],
}

const plain = {
  jobArn: arn('job/id'),
  jobId: 'id',
  jobName: 'align',
  jobQueue: arn('job-queue/default'),
  jobDefinition: arn('job-definition/bwa:3'),
  status: 'RUNNABLE',
  createdAt: 1000,
  attempts: [],
  retryStrategy: { attempts: 1, evaluateOnExit: [] },
  dependsOn: [],
  parameters: {},
  tags: {},
  platformCapabilities: [],
  container: {
    image: 'bwa:1',
    command: ['bwa'],
    privileged: false,
    environment: [],
    mountPoints: [],
    resourceRequirements: [],
    secrets: [],
    ulimits: [],
    volumes: [],
    networkInterfaces: [],
  },
}

describe('jobDetail', () => {
  it('shows a waiting job without a task', () => {
    expect(jobDetail(deployment, aView())).toStrictEqual(plain)
  })

  it('shows task and log stream of a starting job, and no exit code', () => {
    const { attemptId, environment, instanceId, logStreamName } = ended
    const latestAttempt = { attemptId, environment: environment!, instanceId: instanceId!, logStreamName }
    expect(jobDetail(deployment, aView({ state: 'STARTING', latestAttempt }))).toStrictEqual({
      ...plain,
      status: 'STARTING',
      container: { ...plain.container, ...task },
    })
  })

  it('shows how a failed job and its attempts ended', () => {
    const view = aView({
      state: 'FAILED',
      statusReason: 'Essential container in task exited',
      startedAt: 2000,
      stoppedAt: 3000,
      attempts: [ended],
      latestAttempt: ended,
      isTerminated: true,
      timeout: { attemptDurationSeconds: 60 },
      shareIdentifier: 'red',
      schedulingPriority: 0,
      retryStrategy: { attempts: 2, evaluateOnExit: [{ onReason: '*', action: 'exit' }] },
    })
    const outcome = { ...task, exitCode: 1, reason: 'OutOfMemoryError: Container killed due to memory usage' }
    expect(jobDetail(deployment, view)).toStrictEqual({
      ...plain,
      status: 'FAILED',
      statusReason: 'Essential container in task exited',
      startedAt: 2000,
      stoppedAt: 3000,
      isTerminated: true,
      timeout: { attemptDurationSeconds: 60 },
      shareIdentifier: 'red',
      schedulingPriority: 0,
      retryStrategy: { attempts: 2, evaluateOnExit: [{ onReason: '*', action: 'exit' }] },
      container: { ...plain.container, ...outcome },
      attempts: [
        {
          container: outcome,
          startedAt: 2000,
          stoppedAt: 3000,
          statusReason: 'Essential container in task exited',
        },
      ],
    })
  })

  it('shows no task of a job that waits to be tried again', () => {
    const view = aView({ attempts: [ended], latestAttempt: ended })
    expect(jobDetail(deployment, view)).toMatchObject({
      container: plain.container,
      attempts: [{ startedAt: 2000 }],
    })
  })

  it('counts the children of an array parent and numbers a child', () => {
    const summary = { ...emptySummary(), RUNNING: 2 }
    const parent = aView({ state: 'PENDING', array: { size: 2, summary, summaryUpdatedAt: 1500 } })
    expect(jobDetail(deployment, parent)).toStrictEqual({
      ...plain,
      status: 'PENDING',
      arrayProperties: { size: 2, statusSummary: summary, statusSummaryLastUpdatedAt: 1500 },
    })
    const child = aView({ jobId: 'id:1', array: { index: 1 } })
    expect(jobDetail(deployment, child)).toMatchObject({
      jobArn: arn('job/id:1'),
      arrayProperties: { index: 1, statusSummary: {} },
    })
  })

  it('says that a plain process ignored its image, also where SDKs keep it', () => {
    expect(jobDetail(deployment, aView({ runtime: 'process' }))).toMatchObject({
      container: {
        image: 'bwa:1',
        longshore: { runtime: 'process', imageIgnored: true },
        runtimePlatform: { operatingSystemFamily: expect.stringContaining('image ignored') },
      },
    })
    expect(jobDetail(deployment, aView({ runtime: 'docker' }))).toStrictEqual(plain)
  })
})

describe('jobSummary', () => {
  it('holds what ListJobs tells', () => {
    const view = aView({
      state: 'FAILED',
      latestAttempt: ended,
      startedAt: 2000,
      stoppedAt: 3000,
      isCancelled: true,
    })
    expect(jobSummary(deployment, view)).toStrictEqual({
      capacityUsage: [{ capacityUnit: 'VCPU', quantity: 1 }],
      jobArn: arn('job/id'),
      jobId: 'id',
      jobName: 'align',
      jobDefinition: arn('job-definition/bwa:3'),
      status: 'FAILED',
      createdAt: 1000,
      startedAt: 2000,
      stoppedAt: 3000,
      isCancelled: true,
      container: { exitCode: 1, reason: 'OutOfMemoryError: Container killed due to memory usage' },
    })
  })

  it('numbers array children', () => {
    expect(jobSummary(deployment, aView({ array: { index: 0 } }))).toMatchObject({
      container: {},
      arrayProperties: { index: 0 },
    })
  })
})

describe('a multi-node parallel job', () => {
  const range = { targetNodes: '0:', container: { image: 'mpi', command: ['mpirun'] } }
  const properties = { numNodes: 2, mainNode: 0, nodeRangeProperties: [range] }

  it('has no container of its own, the attempts of its main node, and its node properties', () => {
    const view = aView({ state: 'FAILED', attempts: [ended], latestAttempt: ended, nodes: { properties } })
    const detail = jobDetail(deployment, view)
    expect(detail).not.toHaveProperty('container')
    expect(detail).toMatchObject({
      attempts: [{ container: { ...task, exitCode: 1 } }],
      nodeProperties: {
        ...properties,
        nodeRangeProperties: [{ targetNodes: '0:', container: nodeContainer }],
      },
    })
    expect(jobSummary(deployment, view)).toMatchObject({
      container: { exitCode: 1 },
      nodeProperties: { numNodes: 2 },
    })
  })

  it('tells of a node where it is and where its peers find it', () => {
    const attempt = { ...ended, privateIpv4Address: '10.0.0.7' }
    const nodes = { index: 1, count: 2, isMain: false }
    const view = aView({ jobId: 'id#1', state: 'RUNNING', latestAttempt: attempt, nodes })
    expect(jobDetail(deployment, view)).toMatchObject({
      jobId: 'id#1',
      jobArn: arn('job/id#1'),
      nodeDetails: { nodeIndex: 1, isMainNode: false },
      container: { image: 'bwa:1', networkInterfaces: [{ privateIpv4Address: '10.0.0.7' }] },
    })
    expect(jobSummary(deployment, view)).toMatchObject({
      nodeProperties: { isMainNode: false, numNodes: 2, nodeIndex: 1 },
    })
  })
})
