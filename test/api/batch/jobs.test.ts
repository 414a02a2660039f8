import { describe, expect, it, vi } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { formatJobId, type JobTarget } from '../../../src/core/model/ids.ts'
import { accepted } from '../../../src/core/model/outcome.ts'
import { type StubbedEnv, stubbedEnv } from '../../support/api-env.ts'

const id = (target: Omit<JobTarget, 'shard'>) => formatJobId({ shard: 0, ...target }, 'salt')

async function call(env: StubbedEnv, operation: string, input: object) {
  const request = new Request(`http://localhost/v1/${operation}`, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { authorization: 'Bearer the-admin-token' },
  })
  return (await app.fetch(request, env)).json()
}

function view(target: JobTarget) {
  const definition = { name: 'd', revision: 1 }
  return {
    jobId: formatJobId(target, 'salt'),
    queue: 'q',
    definition,
    attempts: [],
    retryStrategy: {},
    container: {},
  }
}

describe('DescribeJobs', () => {
  it('asks each queue once and answers in the order asked, without what nobody knows', async () => {
    const env = stubbedEnv({
      describeJobs: (targets: JobTarget[]) =>
        targets.map((target) => (target.seq === 9 ? undefined : view(target))),
    })
    const wanted = [id({ queue: 1, seq: 2 }), id({ queue: 2, seq: 1 }), id({ queue: 1, seq: 1, index: 3 })]
    const unknown = [
      'garbage',
      id({ queue: 1, seq: 9 }),
      formatJobId({ queue: 1, shard: 0, seq: 1 }, 'another salt'),
    ]
    const jobs = [wanted[0]!, unknown[0]!, wanted[1]!, unknown[1]!, unknown[2]!, wanted[2]!]
    const answer = (await call(env, 'describejobs', { jobs })) as { jobs: { jobId: string }[] }
    expect(answer.jobs.map(({ jobId }) => jobId)).toEqual(wanted)
    expect(env.calls.map(({ object }) => object)).toEqual(['queue-1', 'queue-2'])
  })
})

describe('CancelJob and TerminateJob', () => {
  it.each(['canceljob', 'terminatejob'])(
    '%s passes a job on to its queue and ignores unknown ids',
    async (name) => {
      const env = stubbedEnv({ cancelJob: () => undefined, terminateJob: () => undefined })
      expect(await call(env, name, { jobId: 'garbage', reason: 'r' })).toEqual({})
      expect(env.calls).toEqual([])
      expect(await call(env, name, { jobId: id({ queue: 1, seq: 2, index: 3 }), reason: 'r' })).toEqual({})
      expect(env.calls.map(({ object, parameters }) => [object, parameters])).toEqual([
        ['queue-1', [{ queue: 1, shard: 0, seq: 2, index: 3 }, 'r']],
      ])
    },
  )
})

describe('CancelJobs and TerminateJobs', () => {
  const jobs = [
    id({ queue: 1, seq: 2 }),
    'garbage',
    id({ queue: 2, seq: 1 }),
    id({ queue: 1, seq: 3, index: 0 }),
  ]

  it.each([
    ['canceljobs', 'cancel'],
    ['terminatejobs', 'terminate'],
  ])('%s asks each queue once, and takes unknown ids for done', async (operation, kind) => {
    const env = stubbedEnv({ stopJobs: () => undefined })
    expect(await call(env, operation, { jobs, reason: 'r' })).toEqual({ successful: jobs, errors: [] })
    const stop = { kind, reason: 'r' }
    expect(env.calls.map(({ object, parameters }) => [object, ...parameters])).toEqual([
      [
        'queue-1',
        [
          { queue: 1, shard: 0, seq: 2 },
          { queue: 1, shard: 0, seq: 3, index: 0 },
        ],
        stop,
      ],
      ['queue-2', [{ queue: 2, shard: 0, seq: 1 }], stop],
    ])
  })

  it('tell by job what a queue could not take in', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const env = stubbedEnv({
      stopJobs: (targets: JobTarget[]) => {
        if (targets[0]!.queue === 1) throw new Error('not now')
      },
    })
    const error = { code: 'ServerException', message: 'The job could not be stopped. Try again.' }
    expect(await call(env, 'canceljobs', { jobs, reason: 'r' })).toEqual({
      successful: [jobs[1], jobs[2]],
      errors: [
        { job: jobs[0], ...error },
        { job: jobs[3], ...error },
      ],
    })
    log.mockRestore()
  })

  it('take at most fifty', async () => {
    const answer = await call(stubbedEnv(), 'canceljobs', { jobs: Array(51).fill('x'), reason: 'r' })
    expect(answer).toEqual({ message: 'jobs: Maximum number of jobs supported is  50' })
  })
})

describe('SearchJobs', () => {
  const asked = async (input: object) => {
    const env = stubbedEnv({ queueNumber: () => 1, searchJobs: () => accepted({ jobs: [], nextToken: 't' }) })
    const answer = await call(env, 'searchjobs', { jobQueue: 'q', ...input })
    return { answer, query: env.calls.find(({ method }) => method === 'searchJobs')?.parameters[0] }
  }
  const one = (name: string, ...values: string[]) => asked({ filters: [{ name, values }] })

  it('asks for everything, a hundred to a page, unless told otherwise', async () => {
    expect(await asked({})).toEqual({
      answer: { jobs: [], nextToken: 't' },
      query: { queue: 'q', conditions: [], maxResults: 100 },
    })
  })

  it.each<[string[], object]>([
    [['STATUS', 'FAILED', 'RUNNABLE'], { states: ['FAILED', 'RUNNABLE'] }],
    [['JOB_NAME', 'a*b'], { values: ['a*b'] }],
    [['JOB_DEFINITION', 'arn:aws:batch:eu-central-1:123456789012:job-definition/d:2'], { values: ['d:2'] }],
    [['SHARE_IDENTIFIER', 's*'], { values: ['s*'] }],
    [['TAG', 'a', 'b=1=2'], { tags: [{ key: 'a' }, { key: 'b', value: '1=2' }] }],
    [['STATUS_REASON', 'killed'], { values: ['killed'] }],
    [['EXIT_CODE', '137', '-1'], { codes: [137, -1] }],
    [['BEFORE_STOPPED_AT', '5'], { at: 5 }],
  ])('understands %j', async ([name, ...values], condition) => {
    expect((await one(name!, ...values)).query).toEqual({
      queue: 'q',
      conditions: [{ name, ...condition }],
      maxResults: 100,
    })
  })

  it.each<[string[], string]>([
    [
      ['STATUS', 'DONE'],
      'filters[0].values[0]: must be one of SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED',
    ],
    [['EXIT_CODE', 'x'], 'filters[0].values[0]: must be an exit code'],
    [['AFTER_STARTED_AT', '1', '2'], 'filters[0].values: must have exactly 1 entry'],
    [['AFTER_STARTED_AT', 'noon'], 'filters[0].values[0]: must be a time in epoch milliseconds'],
    [['JOB_NAME', ''], 'filters[0].values[0]: must not be empty'],
    [['JOB_NAME'], 'filters[0].values: must not be empty'],
  ])('refuses %j', async ([name, ...values], message) => {
    expect((await one(name!, ...values)).answer).toEqual({ message })
  })
})

describe('GetJobQueueSnapshot', () => {
  const asked = (snapshot: object) =>
    call(
      stubbedEnv({
        queueNumber: () => 1,
        snapshot: () => accepted({ at: 9, front: [], vcpus: 0, ...snapshot }),
      }),
      'getjobqueuesnapshot',
      { jobQueue: 'q' },
    )

  it('tells the head of the queue and what is used', async () => {
    expect(await asked({ front: [{ jobId: 'id', earliestTimeAtPosition: 5 }], vcpus: 2.5 })).toEqual({
      frontOfQueue: {
        jobs: [{ jobArn: 'arn:aws:batch:eu-central-1:123456789012:job/id', earliestTimeAtPosition: 5 }],
        lastUpdatedAt: 9,
      },
      queueUtilization: {
        totalCapacityUsage: [{ capacityUnit: 'VCPU', quantity: 2.5 }],
        lastUpdatedAt: 9,
      },
    })
  })

  it('tells the shares of a fair-share queue', async () => {
    const answer = await asked({ shares: { active: 3, top: [{ share: 'a', vcpus: 4 }] } })
    expect(answer).toMatchObject({
      queueUtilization: {
        fairshareUtilization: {
          activeShareCount: 3,
          topCapacityUtilization: [
            { shareIdentifier: 'a', capacityUsage: [{ capacityUnit: 'VCPU', quantity: 4 }] },
          ],
        },
      },
    })
  })
})

describe('ListJobs', () => {
  const asked = async (input: object) => {
    const env = stubbedEnv({ queueNumber: () => 1, listJobs: () => accepted({ jobs: [], nextToken: 't' }) })
    const answer = await call(env, 'listjobs', input)
    return { answer, query: env.calls.find(({ method }) => method === 'listJobs')?.parameters[0] }
  }

  it('lists RUNNING jobs unless told otherwise', async () => {
    expect(await asked({ jobQueue: 'q', nextToken: '' })).toEqual({
      answer: { jobSummaryList: [], nextToken: 't' },
      query: { queue: 'q', state: 'RUNNING', maxResults: 1000 },
    })
  })

  it('lists children of an array job', async () => {
    const { query } = await asked({
      arrayJobId: id({ queue: 1, seq: 2 }),
      jobStatus: 'FAILED',
      maxResults: 7,
    })
    expect(query).toEqual({ state: 'FAILED', maxResults: 7, arrayJob: { queue: 1, shard: 0, seq: 2 } })
    expect(await asked({ arrayJobId: 'garbage' })).toEqual({
      answer: { jobSummaryList: [] },
      query: undefined,
    })
  })

  it.each<[string, object, object]>([
    ['names', { name: 'JOB_NAME', values: ['a*'] }, { name: 'JOB_NAME', values: ['a*'] }],
    [
      'definitions',
      {
        name: 'JOB_DEFINITION',
        values: ['arn:aws:batch:eu-central-1:123456789012:job-definition/d:2', 'e*'],
      },
      { name: 'JOB_DEFINITION', values: ['d:2', 'e*'] },
    ],
    [
      'times',
      { name: 'AFTER_CREATED_AT', values: ['1700000000000'] },
      { name: 'AFTER_CREATED_AT', at: 1_700_000_000_000 },
    ],
  ])('filters by %s, a hundred to a page', async (_, filter, parsed) => {
    const { query } = await asked({ jobQueue: 'q', filters: [filter], maxResults: 500 })
    expect(query).toEqual({ queue: 'q', state: 'RUNNING', maxResults: 100, filter: parsed })
  })
})
