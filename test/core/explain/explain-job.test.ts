import { expect, test } from 'vitest'
import { explainJob } from '../../../src/core/explain/explain-job.ts'
import type { JobFacts } from '../../../src/core/explain/job-facts.ts'
import type { EnvironmentStanding, OrderStanding } from '../../../src/core/model/explanation.ts'
import { emptySummary, type JobState, type JobView } from '../../../src/core/model/job.ts'

function viewOf(state: JobState, more: Partial<JobView> = {}): JobView {
  return {
    jobId: 'job-1',
    jobName: 'one',
    queue: 'q',
    definition: { name: 'd', revision: 1 },
    state,
    createdAt: 0,
    vcpus: 1,
    attempts: [],
    retryStrategy: {},
    dependsOn: [],
    parameters: {},
    tags: {},
    container: {},
    ...more,
  }
}

function environment(more: Partial<EnvironmentStanding> = {}): EnvironmentStanding {
  return {
    computeEnvironment: 'local',
    standing: 'hosts',
    connectedHosts: 1,
    hasRoom: false,
    nearestHosts: [],
    scaling: '',
    ...more,
  }
}

const first: OrderStanding = { jobsAhead: 0, schedulingPriority: 0 }

function explain(facts: Partial<JobFacts>) {
  return explainJob({ view: viewOf('RUNNABLE'), dependencies: [], environments: [], now: 1_000, ...facts })
}

test('a job that has ended waits for nothing and says how it ended', () => {
  const said = explain({ view: viewOf('FAILED', { statusReason: 'Task failed to start' }) })
  expect(said.waitingFor).toEqual([])
  expect(said.summary).toBe('The job has failed: Task failed to start')
})

test('a running job says where it runs', () => {
  const latestAttempt = { attemptId: 'a', environment: 'local', instanceId: 'i-1', logStreamName: 's' }
  expect(explain({ view: viewOf('RUNNING', { latestAttempt }) }).summary).toBe(
    'The job runs on host i-1 of local',
  )
})

test('dependencies that are not met bind before anything else, those that are met do not', () => {
  const said = explain({
    view: viewOf('PENDING'),
    dependencies: [
      { jobId: 'a', status: 'SUCCEEDED', met: true },
      { jobId: 'b', type: 'AFTER_FAILURE', status: 'RUNNING', met: false },
    ],
  })
  expect(said.waitingFor.map(({ kind }) => kind)).toEqual(['DEPENDENCY'])
  expect(said.summary).toBe('The job waits: it waits for job b, which is RUNNING, to fail')
  expect(said.dependencies).toHaveLength(2)
})

test('a full host: what the closest lacks, by how much', () => {
  const said = explain({
    order: first,
    environments: [
      environment({
        nearestHosts: [
          {
            containerInstance: 'i-1',
            lacks: [
              { resource: 'VCPU', wanted: '4', available: '2.5', missing: 1.5 },
              { resource: 'MEMORY', wanted: '512', available: '100', missing: 412 },
            ],
          },
          {
            containerInstance: 'i-2',
            lacks: [{ resource: 'GPU', wanted: '0.5', available: '0.25', missing: 0.25 }],
          },
        ],
      }),
    ],
  })
  expect(said.waitingFor).toMatchObject([
    { kind: 'CAPACITY', text: 'no host of local has room now: the closest, i-2, lacks 0.25 GPU' },
  ])
})

test('an environment that has room is no reason to wait', () => {
  const roomy = environment({ hasRoom: true })
  const said = explain({ order: first, environments: [environment(), roomy] })
  expect(said.waitingFor).toEqual([])
  expect(said.summary).toMatch(/next tick/)
})

test('what no host could ever hold has no estimated start', () => {
  const said = explain({
    order: first,
    recentStarts: { count: 10, minutes: 5 },
    environments: [
      environment({ neverFits: [{ resource: 'GPU', wanted: '1', available: '0', missing: 1 }] }),
    ],
  })
  expect(said.waitingFor.map(({ kind }) => kind)).toEqual(['NO_HOST_FITS'])
  expect(said.estimatedStart).toBeUndefined()
})

test("the queue's own reason is what binds, with what would end it", () => {
  const said = explain({
    waitReason: 'SHARE_LIMIT - share a has 2 running jobs, its limit',
    order: { ...first, jobsAhead: 3 },
    environments: [],
  })
  expect(said.waitingFor.map(({ kind }) => kind)).toEqual(['SHARE_LIMIT', 'ORDER'])
  expect(said.waitingFor[0]!.text).toBe('share a has 2 running jobs, its limit')
  expect(said.waitingFor[0]!.remedy).toMatch(/UpdateSchedulingPolicy/)
})

test('a queue without a host says how to connect one', () => {
  const said = explain({
    waitReason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - No host is connected',
    order: first,
    environments: [environment({ standing: 'no-host', connectedHosts: 0 })],
  })
  expect(said.waitingFor).toMatchObject([
    { kind: 'NO_HOST', remedy: 'Connect a host: longshore agent --environment local' },
  ])
})

test('a share that has used much says its rank and weight', () => {
  const share = { shareIdentifier: 'blue', weightFactor: 0.5, weightedUsage: 7, rank: 3, activeShares: 4 }
  const said = explain({ order: { ...first, jobsAhead: 12, share } })
  expect(said.waitingFor[0]!.text).toMatch(/12 jobs stand before it in its share; blue is number 3 of 4/)
})

test('the start is estimated by the room kept for it before the pace of its queue', () => {
  const order = { ...first, jobsAhead: 9 }
  const recentStarts = { count: 10, minutes: 5 }
  expect(explain({ order, recentStarts }).estimatedStart).toMatchObject({ at: 1_000 + 5 * 60_000 })
  const reserved = environment({ reservation: { forThisJob: true, expectedAt: 77_000 } })
  expect(explain({ order, recentStarts, environments: [reserved] }).estimatedStart).toMatchObject({
    at: 77_000,
  })
})

test('a job for which room is being made says by how many attempts, and starts when they have stopped at the latest', () => {
  const roomBeingMade = { attempts: 1, expectedAt: 9_000 }
  const said = explain({ order: first, environments: [environment({ roomBeingMade })] })
  expect(said.waitingFor).toMatchObject([
    {
      kind: 'CAPACITY',
      text: 'no host of local has room now; 1 attempt has been told to stop to make room for it',
    },
  ])
  expect(said.estimatedStart).toMatchObject({ at: 9_000, basis: expect.stringMatching(/being made/) })
})

test('an array at its maxConcurrency waits for its own children', () => {
  const summary = { ...emptySummary(), RUNNING: 2, RUNNABLE: 8 }
  const array = { size: 10, summary, summaryUpdatedAt: 0, maxConcurrency: 2 }
  const said = explain({ view: viewOf('PENDING', { array }), order: first })
  expect(said.waitingFor).toMatchObject([{ kind: 'ARRAY_CONCURRENCY' }])
})
