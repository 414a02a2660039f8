import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const badShare =
  'shareIdentifier: must be up to 5 segments of letters and digits with / between them, the last of which may end in *'

/** Undefined for what is accepted, else the refusal's text. */
function refusal(schema: z.ZodType, input: object): string | undefined {
  const parsed = parseInput(schema, input, 'ClientException')
  return parsed.ok ? undefined : parsed.refusal.message
}

describe('the input of CreateComputeEnvironment', () => {
  const minimal = { computeEnvironmentName: 'e', type: 'UNMANAGED' }
  it.each<[object, string | undefined]>([
    [{}, undefined],
    [{ serviceRole: '', state: 'DISABLED', unmanagedvCpus: 0, tags: {} }, undefined],
    [{ computeResources: { type: 'EC2', maxvCpus: 1, subnets: [] } }, undefined],
    [{ computeResources: { type: 'EC2' } }, 'computeResources.maxvCpus: required'],
    [{ computeResources: { type: 'EC2', maxvCpus: -1 } }, 'computeResources.maxvCpus: must be at least 0'],
    [{ computeEnvironmentName: undefined }, 'computeEnvironmentName: required'],
    [{ computeEnvironmentName: 'a/b' }, 'computeEnvironmentName: must match ^[a-zA-Z0-9_-]{1,128}$'],
    [{ type: 'SELF' }, 'type: must be one of MANAGED, UNMANAGED'],
    [{ state: 'enabled' }, 'state: must be one of DISABLED, ENABLED'],
    [{ unmanagedvCpus: -1 }, 'unmanagedvCpus: must be at least 0'],
    [{ eksConfiguration: { eksClusterArn: 'a' } }, 'eksConfiguration.kubernetesNamespace: required'],
  ])('judges %j', (changes, message) => {
    expect(refusal(inputSchema('CreateComputeEnvironment'), { ...minimal, ...changes })).toBe(message)
  })
})

describe('the input of CreateJobQueue', () => {
  const timeLimit = { reason: 'r', state: 'RUNNABLE', maxTimeSeconds: 600, action: 'CANCEL' }
  const one = { order: 1, computeEnvironment: 'e' }
  const minimal = { jobQueueName: 'q', priority: 1, computeEnvironmentOrder: [one] }
  it.each<[object, string | undefined]>([
    [{}, undefined],
    [
      { state: 'ENABLED', jobQueueType: 'ECS', serviceEnvironmentOrder: [], schedulingPolicyArn: '' },
      undefined,
    ],
    [{ priority: undefined }, 'priority: required'],
    [{ priority: -1 }, 'priority: must be at least 0'],
    [{ priority: '1' }, 'priority: must be an integer'],
    [{ computeEnvironmentOrder: undefined }, 'computeEnvironmentOrder: required'],
    [{ computeEnvironmentOrder: [] }, 'computeEnvironmentOrder: must not be empty'],
    [{ computeEnvironmentOrder: Array(4).fill(one) }, 'computeEnvironmentOrder: must have at most 3 entries'],
    [{ computeEnvironmentOrder: [one, one] }, 'computeEnvironmentOrder: must not repeat an order'],
    [{ computeEnvironmentOrder: [{ order: 1 }] }, 'computeEnvironmentOrder[0].computeEnvironment: required'],
    [{ jobQueueType: 'SAGEMAKER_TRAINING' }, 'jobQueueType: there are no service environments'],
    [{ schedulingPolicyArn: 5 }, 'schedulingPolicyArn: must be a string'],
    [{ jobStateTimeLimitActions: [{}] }, 'jobStateTimeLimitActions[0].reason: required'],
    [
      { jobStateTimeLimitActions: [{ ...timeLimit, maxTimeSeconds: 599 }] },
      'jobStateTimeLimitActions[0].maxTimeSeconds: must be at least 600',
    ],
    [
      { jobStateTimeLimitActions: [{ ...timeLimit, action: 'TERMINATE' }] },
      'jobStateTimeLimitActions[0].action: must be CANCEL for a job queue of compute environments',
    ],
    [{ jobStateTimeLimitActions: [timeLimit] }, undefined],
    [{ schedulingSettings: {} }, undefined],
    [
      {
        schedulingSettings: {
          blockedHead: 'STRICT',
          limits: { runningJobs: 1, vcpus: 1, gpus: 1 },
          preemption: ['LOWER_QUEUES', 'SHARES'],
        },
      },
      undefined,
    ],
    [{ schedulingSettings: 'STRICT' }, 'schedulingSettings: must be an object'],
    [
      { schedulingSettings: { blockedHead: 'strict' } },
      'schedulingSettings.blockedHead: must be one of BACKFILL, STRICT',
    ],
    [{ schedulingSettings: { limits: { vcpus: 0 } } }, 'schedulingSettings.limits.vcpus: must be at least 1'],
    [{ schedulingSettings: { limits: { gpus: 0.5 } } }, 'schedulingSettings.limits.gpus: must be an integer'],
    [
      { schedulingSettings: { preemption: ['ALL'] } },
      'schedulingSettings.preemption[0]: must be one of LOWER_QUEUES, SHARES',
    ],
    [
      { schedulingSettings: { preemption: ['SHARES', 'SHARES'] } },
      'schedulingSettings.preemption: must not repeat an entry',
    ],
  ])('judges %j', (changes, message) => {
    expect(refusal(inputSchema('CreateJobQueue'), { ...minimal, ...changes })).toBe(message)
  })
})

describe('the input of CreateSchedulingPolicy', () => {
  const one = (entry: object) => ({ shareDistribution: [entry] })
  const at = 'fairsharePolicy.shareDistribution'
  it.each<[object, string | undefined]>([
    [{}, undefined],
    [{ shareDecaySeconds: 0, computeReservation: 99, shareDistribution: [], usage: 'DOMINANT' }, undefined],
    [one({ shareIdentifier: 'a/b/c/d/e*', weightFactor: 0.0001, limits: { runningJobs: 1 } }), undefined],
    [one({ shareIdentifier: '*', weightFactor: 999.9999 }), undefined],
    [{ usage: 'DISK' }, 'fairsharePolicy.usage: must be one of VCPU, MEMORY, GPU, DOMINANT, COST'],
    [{ shareDecaySeconds: 604_801 }, 'fairsharePolicy.shareDecaySeconds: must be at most 604800'],
    [{ computeReservation: 100 }, 'fairsharePolicy.computeReservation: must be at most 99'],
    [one({}), `${at}[0].shareIdentifier: required`],
    [one({ shareIdentifier: '' }), `${at}[0].shareIdentifier: must not be empty`],
    [one({ shareIdentifier: 'a*/b' }), `${at}[0].${badShare}`],
    [one({ shareIdentifier: 'a', weightFactor: 0 }), `${at}[0].weightFactor: must be at least 0.0001`],
    [one({ shareIdentifier: 'a', weightFactor: 1000 }), `${at}[0].weightFactor: must be at most 999.9999`],
    [
      one({ shareIdentifier: 'a', limits: { runningJobs: 0 } }),
      `${at}[0].limits.runningJobs: must be at least 1`,
    ],
    [
      { shareDistribution: Array.from({ length: 501 }, (_, i) => ({ shareIdentifier: `s${i}` })) },
      `${at}: must have at most 500 entries`,
    ],
  ])('judges the policy %j', (fairsharePolicy, message) => {
    expect(refusal(inputSchema('CreateSchedulingPolicy'), { name: 'p', fairsharePolicy })).toBe(message)
  })
})

describe('the input of ListJobs', () => {
  const filter = { name: 'JOB_NAME', values: ['a*'] }
  it.each<[object, string | undefined]>([
    [{ jobQueue: 'q' }, undefined],
    [{ jobQueue: 'q', jobStatus: 'FAILED', filters: [filter], maxResults: 1000, nextToken: '' }, undefined],
    [{ arrayJobId: 'x' }, undefined],
    [{}, 'jobQueue: exactly one of jobQueue, arrayJobId and multiNodeJobId must be given'],
    [
      { jobQueue: 'q', arrayJobId: 'x' },
      'jobQueue: exactly one of jobQueue, arrayJobId and multiNodeJobId must be given',
    ],
    [{ arrayJobId: 'x', filters: [filter] }, undefined],
    [
      { jobQueue: 'q', jobStatus: 'DONE' },
      'jobStatus: must be one of FAILED, PENDING, RUNNABLE, RUNNING, STARTING, SUBMITTED, SUCCEEDED',
    ],
    [{ jobQueue: 'q', filters: [filter, filter] }, 'filters: must have at most 1 entry'],
    [
      { jobQueue: 'q', filters: [{ name: 'COLOUR', values: ['a'] }] },
      'filters[0].name: must be one of JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER',
    ],
    [{ jobQueue: 'q', filters: [{ name: 'JOB_NAME', values: [] }] }, 'filters[0].values: must not be empty'],
    [
      { jobQueue: 'q', filters: [{ name: 'AFTER_CREATED_AT', values: ['noon'] }] },
      'filters[0].values[0]: must be a time in epoch milliseconds',
    ],
    [{ jobQueue: 'q', maxResults: 1001 }, 'maxResults: must be at most 1000'],
  ])('judges %j', (input, message) => {
    expect(refusal(inputSchema('ListJobs'), input)).toBe(message)
  })
})

describe('the input of DescribeJobs', () => {
  it.each<[object, string | undefined]>([
    [{ jobs: ['garbage', 'id:1', 'id#0', ''] }, undefined],
    [{}, 'jobs: required'],
    [{ jobs: 'id' }, 'jobs: must be a list'],
    [{ jobs: [5] }, 'jobs[0]: must be a string'],
    [{ jobs: Array(101).fill('id') }, 'jobs: Maximum number of jobs supported is  100'],
  ])('judges %j', (input, message) => {
    expect(refusal(inputSchema('DescribeJobs'), input)).toBe(message)
  })
})

describe('the input of CancelJob', () => {
  it.each<[object, string | undefined]>([
    [{ jobId: 'id', reason: 'r'.repeat(1024) }, undefined],
    [{ jobId: 'id' }, 'reason: required'],
    [{ jobId: '', reason: 'r' }, 'jobId: must not be empty'],
    [{ jobId: 'id', reason: 'r'.repeat(1025) }, 'reason: must be at most 1024 characters long'],
  ])('judges %j', (input, message) => {
    expect(refusal(inputSchema('CancelJob'), input)).toBe(message)
  })
})
