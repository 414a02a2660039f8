import { describe, expect, it } from 'vitest'
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
