import { expect, test } from 'vitest'
import { explanationText } from '../../src/cli/explanation-text.ts'

test('a job that waits for room: what binds, where it stands, what hosts lack, and when it may start', () => {
  const text = explanationText({
    jobId: 'id-1',
    jobName: 'render',
    status: 'RUNNABLE',
    summary: 'The job waits: no host has room',
    waitingFor: [{ kind: 'CAPACITY', text: 'no host has room', remedy: 'Connect another host' }],
    dependencies: [{ jobId: 'id-0', status: 'SUCCEEDED', met: true }],
    order: {
      jobsAhead: 10_000,
      jobsAheadIsAtLeast: true,
      schedulingPriority: 5,
      share: { shareIdentifier: 'blue', weightFactor: 0.5, weightedUsage: 1.25, rank: 2, activeShares: 3 },
    },
    computeEnvironments: [
      {
        computeEnvironment: 'local',
        standing: 'hosts',
        connectedHosts: 1,
        hasRoom: false,
        nearestHosts: [
          {
            containerInstance: 'i-1',
            lacks: [{ resource: 'VCPU', wanted: '4', available: '1', missing: 3 }],
          },
        ],
        reservation: { forThisJob: true, expectedAt: 0 },
        roomBeingMade: { attempts: 1, expectedAt: 0 },
        scaling: '',
      },
    ],
    estimatedStart: { at: 0, basis: 'room is being kept' },
  })
  expect(text).toBe(`render (id-1) is RUNNABLE
The job waits: no host has room

CAPACITY  no host has room
  → Connect another host

Jobs it depends on
  met     id-0 SUCCEEDED

Order: at least 10000 ahead, scheduling priority 5; share blue is 2 of 3, weight factor 0.5, use for its weight 1.250

Compute environment local: takes jobs, 1 connected
  i-1: VCPU 4 wanted, 1 free
  room is kept for this job, free by 1970-01-01T00:00:00.000Z
  1 attempt has been told to stop to make room for it, by 1970-01-01T00:00:00.000Z at the latest

Estimated start: 1970-01-01T00:00:00.000Z (room is being kept)
`)
})

test('a job that has ended: one sentence', () => {
  const summary = 'The job has succeeded'
  const text = explanationText({ jobId: 'i', jobName: 'n', status: 'SUCCEEDED', summary, waitingFor: [] })
  expect(text).toBe(`n (i) is SUCCEEDED\n${summary}\n`)
})
