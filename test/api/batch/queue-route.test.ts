import { describe, expect, it } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { refused } from '../../../src/core/model/outcome.ts'
import { stubbedEnv } from '../../support/api-env.ts'

const headers = { authorization: 'Bearer the-admin-token' }

function submit(env: ReturnType<typeof stubbedEnv>, jobQueue: string) {
  const body = JSON.stringify({ jobName: 'a', jobQueue, jobDefinition: 'd' })
  return app.fetch(new Request('http://localhost/v1/submitjob', { method: 'POST', body, headers }), env)
}

const submitted = { ok: true, value: { jobId: 'id', jobName: 'a' } }
const gone = refused('Job queue does not exist')

describe('the route to a queue', () => {
  it('asks the registry once per name, and takes an ARN for the name', async () => {
    const env = stubbedEnv({ queueNumber: () => 3, submitJob: () => submitted })
    await submit(env, 'remembered')
    const answer = await submit(env, 'arn:aws:batch:eu-central-1:123456789012:job-queue/remembered')
    expect(await answer.json()).toEqual({
      jobArn: 'arn:aws:batch:eu-central-1:123456789012:job/id',
      jobName: 'a',
      jobId: 'id',
    })
    expect(env.calls.map(({ object, method }) => `${object} ${method}`)).toEqual([
      'registry queueNumber',
      'queue-3 submitJob',
      'queue-3 submitJob',
    ])
    expect(env.calls[1]?.parameters).toEqual([
      { queue: 'remembered', definition: { name: 'd' }, request: { jobName: 'a' } },
    ])
  })

  it('follows a name that has come to mean another queue', async () => {
    let number = 4
    const env = stubbedEnv({ queueNumber: () => number, submitJob: () => (number === 4 ? submitted : gone) })
    await submit(env, 'moved')
    number = 5
    env.calls.length = 0
    expect((await submit(env, 'moved')).status).toBe(400)
    expect(env.calls.filter(({ method }) => method === 'submitJob').map(({ object }) => object)).toEqual([
      'queue-4',
      'queue-5',
    ])
  })

  it('does not try again where the route is right', async () => {
    const env = stubbedEnv({ queueNumber: () => 6, submitJob: () => gone })
    await submit(env, 'refusing')
    env.calls.length = 0
    await submit(env, 'refusing')
    expect(env.calls.map(({ method }) => method)).toEqual(['submitJob', 'queueNumber'])
  })

  it.each([
    ['nowhere'],
    ['arn:aws:batch:eu-central-1:123456789012:job-queue/nowhere'],
    ['arn:aws:batch:us-east-1:123456789012:job-queue/elsewhere'],
  ])('refuses %s', async (jobQueue) => {
    const answer = await submit(stubbedEnv({ queueNumber: () => undefined }), jobQueue)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ message: `jobQueue: job queue ${jobQueue} does not exist` })
  })
})
