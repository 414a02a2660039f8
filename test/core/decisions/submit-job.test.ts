import { describe, expect, it } from 'vitest'
import type { KnownDependency } from '../../../src/core/decisions/submit-dependencies.ts'
import { arrayOutline, decideSubmit, type SubmitContext } from '../../../src/core/decisions/submit-job.ts'
import type { JobDependency, JobRequest } from '../../../src/core/model/job.ts'
import { aDefinition, aDefinitionBody, aQueueConfig } from '../../support/builders.ts'

const request: JobRequest = { jobName: 'job' }

function aContext(members: Partial<SubmitContext> = {}): SubmitContext {
  return {
    queue: aQueueConfig(),
    definition: aDefinition(),
    definitionName: 'definition',
    dependencies: [],
    seq: 7,
    definitionNumber: 3,
    now: 1_000,
    ...members,
  }
}

/** A dependency on job 5 of this queue. */
function known(members: Partial<KnownDependency> = {}, target = {}): KnownDependency {
  return { text: 'five', target: { queue: 1, shard: 0, seq: 5, ...target }, state: 'unfinished', ...members }
}

function submit(dependsOn: JobDependency[], dependencies: KnownDependency[], size?: number) {
  const arrayProperties = size === undefined ? {} : { arrayProperties: { size } }
  return decideSubmit({ ...request, dependsOn, ...arrayProperties }, aContext({ dependencies }))
}

describe('decideSubmit', () => {
  it('draws up a job that may start at once', () => {
    expect(decideSubmit(request, aContext())).toEqual({
      ok: true,
      value: {
        job: {
          seq: 7,
          createdAt: 1_000,
          definition: 3,
          request,
          share: 0,
          priority: 0,
          front: false,
          unmet: 0,
          progress: { state: 'RUNNABLE', attempts: [] },
          ready: true,
        },
        edges: [],
      },
    })
  })

  it('draws up an array as one job', () => {
    const array = { ...request, arrayProperties: { size: 100_000 } }
    expect(decideSubmit(array, aContext())).toMatchObject({
      value: {
        job: {
          array: { size: 100_000, sequential: false, nToN: [] },
          progress: { state: 'PENDING', attempts: [] },
          ready: true,
        },
        edges: [],
      },
    })
  })

  it('takes the definition’s priority, and the job’s own under fair share', () => {
    const definition = aDefinition({ schedulingPriority: 5 })
    const queue = aQueueConfig({ schedulingPolicyArn: 'arn' })
    const priority = (own: JobRequest) =>
      decideSubmit(own, aContext({ definition, queue })).ok &&
      decideSubmit(own, aContext({ definition, queue }))
    const shared = { ...request, shareIdentifier: 's' }
    expect(priority(shared)).toMatchObject({ value: { job: { priority: 5 } } })
    expect(priority({ ...shared, schedulingPriorityOverride: 9 })).toMatchObject({
      value: { job: { priority: 9 } },
    })
  })
})

describe('decideSubmit of a job that can never run', () => {
  const many = (prefix: string) =>
    Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${prefix}${at}`, '']))
  const failureOf = (own: Partial<JobRequest>, tags: Record<string, string>) => {
    const definition = aDefinition({ tags })
    const outcome = decideSubmit({ ...request, ...own }, aContext({ definition }))
    return outcome.ok ? outcome.value.failure : outcome.refusal.message
  }

  it.each<[string, Partial<JobRequest>, string | undefined]>([
    ['60 tags that are propagated', { propagateTags: true, tags: many('a') }, 'Tags of the job'],
    ['60 tags that are not', { tags: many('a') }, undefined],
    ['30 tags given twice', { propagateTags: true, tags: many('b') }, undefined],
  ])('accepts %s and tells what becomes of it', (_, own, failure) => {
    expect(failureOf(own, many('b'))?.slice(0, 15)).toBe(failure)
  })
})

describe('decideSubmit with dependencies', () => {
  const edge = { waiter: 7, queue: 1, seq: 5, kind: 'whole', condition: 'success' }

  it('waits for each job once, however often it is named', () => {
    const outcome = submit([{ jobId: 'five' }, { jobId: 'five' }], [known(), known()])
    expect(outcome).toMatchObject({
      value: { job: { unmet: 1, ready: false, progress: { state: 'PENDING' } }, edges: [edge] },
    })
  })

  it('keeps a job apart from its children, and from jobs of other queues', () => {
    const outcome = submit(
      [{ jobId: 'a' }, { jobId: 'b' }, { jobId: 'c' }],
      [known(), known({}, { index: 2 }), known({}, { queue: 2 })],
    )
    expect(outcome).toMatchObject({
      value: { job: { unmet: 3 }, edges: [edge, { ...edge, index: 2 }, { ...edge, queue: 2 }] },
    })
  })

  it('does not wait for what has succeeded', () => {
    const outcome = submit([{ jobId: 'five' }], [known({ state: 'succeeded' })])
    expect(outcome).toMatchObject({
      value: { job: { unmet: 0, ready: true, progress: { state: 'RUNNABLE' } }, edges: [] },
    })
  })

  it('tells that one has failed already', () => {
    const outcome = submit([{ jobId: 'five' }], [known({ state: 'failed' })])
    expect(outcome).toMatchObject({ value: { edges: [], failure: 'Dependent Job failed' } })
  })

  it('lets an array follow another child by child, also one that has failed as a whole', () => {
    const nToN: JobDependency[] = [{ jobId: 'five', type: 'N_TO_N' }]
    const shape = { size: 3, sequential: false, nToN: [5] }
    expect(submit(nToN, [known({ array: arrayOutline(3, undefined) })], 3)).toMatchObject({
      value: { job: { array: shape, unmet: 0, ready: true }, edges: [{ ...edge, kind: 'children' }] },
    })
    expect(submit(nToN, [known({ array: arrayOutline(3, undefined), state: 'failed' })], 3)).toMatchObject({
      value: { job: { array: shape }, edges: [] },
    })
  })

  it('marks a sequential array', () => {
    expect(submit([{ type: 'SEQUENTIAL' }], [], 3)).toMatchObject({
      value: { job: { array: { sequential: true }, unmet: 0 }, edges: [] },
    })
  })
})

describe('decideSubmit refuses', () => {
  const fairShare = aQueueConfig({ schedulingPolicyArn: 'arn' })
  const referring = { ...aDefinitionBody().containerProperties, command: ['Ref::input'] }

  it.each<[string, Partial<SubmitContext>, Partial<JobRequest>, string]>([
    ['a disabled queue', { queue: aQueueConfig({ state: 'DISABLED' }) }, {}, 'is DISABLED'],
    ['an unknown definition', { definition: undefined }, {}, 'JobDefinition definition does not exist'],
    [
      'a deregistered definition',
      { definition: { ...aDefinition(), status: 'INACTIVE' } },
      {},
      'is not ACTIVE',
    ],
    ['a share without fair share', {}, { shareIdentifier: 's' }, 'shareIdentifier'],
    ['no share with fair share', { queue: fairShare }, {}, 'shareIdentifier: required'],
    ['a priority without fair share', {}, { schedulingPriorityOverride: 1 }, 'schedulingPriorityOverride'],
    [
      'a definition for Fargate alone',
      { definition: aDefinition({ platformCapabilities: ['FARGATE'] }) },
      {},
      'Job Queue is attached to Compute Environment that can not run Jobs with capability FARGATE.',
    ],
    [
      'a definition for EC2 on a queue of Fargate environments',
      { queue: aQueueConfig({ capability: 'FARGATE' }) },
      {},
      'Job Queue is attached to Compute Environment that can not run Jobs with capability EC2.',
    ],
    [
      'a reference without a parameter',
      { definition: aDefinition({ containerProperties: referring }), queue: fairShare },
      { shareIdentifier: 's' },
      'Unable to substitute value. No parameter found for reference input',
    ],
  ])('%s', (_, context, members, message) => {
    const outcome = decideSubmit({ ...request, ...members }, aContext(context))
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { code: 'ClientException', message: expect.stringContaining(message) },
    })
  })

  it.each<[string, JobDependency[], KnownDependency[], number | undefined, string]>([
    [
      'an unknown job',
      [{ jobId: 'five' }],
      [known({ state: 'unknown' })],
      undefined,
      'job five does not exist',
    ],
    [
      'an id that is none',
      [{ jobId: 'five' }],
      [{ text: 'five', target: undefined, state: 'unknown' }],
      undefined,
      'job five does not exist',
    ],
    ['SEQUENTIAL on a single job', [{ type: 'SEQUENTIAL' }], [], undefined, 'SEQUENTIAL is for array jobs'],
    [
      'N_TO_N on a single job',
      [{ jobId: 'five', type: 'N_TO_N' }],
      [known()],
      undefined,
      'for array jobs only',
    ],
    ['N_TO_N without a job', [{ type: 'N_TO_N' }], [], 3, 'N_TO_N needs a jobId'],
    ['an empty dependency', [{}], [], undefined, 'jobId or type is required'],
    [
      'N_TO_N on a job that is no array',
      [{ jobId: 'five', type: 'N_TO_N' }],
      [known()],
      3,
      'is not an array job',
    ],
    [
      'N_TO_N on an array of another size',
      [{ jobId: 'five', type: 'N_TO_N' }],
      [known({ array: arrayOutline(4, undefined) })],
      3,
      'job five has size 4, this one 3',
    ],
  ])('%s', (_, dependsOn, dependencies, size, message) => {
    expect(submit(dependsOn, dependencies, size)).toMatchObject({
      ok: false,
      refusal: { code: 'ClientException', message: expect.stringContaining(message) },
    })
  })
})
