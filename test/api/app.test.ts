import { describe, expect, it } from 'vitest'
import { app } from '../../src/api/app.ts'
import { formatJobId } from '../../src/core/model/ids.ts'
import { type StubbedEnv, stubbedEnv } from '../support/api-env.ts'

type Sent = { method?: string; path?: string; body?: string | null; headers?: Record<string, string> }

const admin = { authorization: 'Bearer the-admin-token' }
const agent = { authorization: 'Bearer the-agent-token' }

async function send(
  env: StubbedEnv,
  { method = 'POST', path = '/v1/describejobs', body = '{}', headers = admin }: Sent,
) {
  const response = await app.fetch(new Request(`http://localhost${path}`, { method, body, headers }), env)
  const text = await response.text()
  return {
    status: response.status,
    code: response.headers.get('x-amzn-errortype'),
    requestId: response.headers.get('x-amzn-requestid'),
    type: response.headers.get('content-type'),
    body: text.startsWith('{') ? JSON.parse(text) : text,
  }
}

describe('the app', () => {
  it('is healthy without authentication', async () => {
    expect(
      await send(stubbedEnv(), { method: 'GET', path: '/healthz', body: null, headers: {} }),
    ).toMatchObject({
      status: 200,
      body: 'ok',
    })
  })

  it('answers an operation with JSON and a request id', async () => {
    const answer = await send(stubbedEnv(), { body: '{"jobs":[]}' })
    expect(answer).toMatchObject({ status: 200, type: 'application/json', body: { jobs: [] } })
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each<[string, Sent, number, string]>([
    ['no authorization', { headers: {} }, 403, 'MissingAuthenticationTokenException'],
    [
      'a wrong token',
      { headers: { authorization: 'Bearer the-admin-toke' } },
      403,
      'UnrecognizedClientException',
    ],
    ['an empty token', { headers: { authorization: 'Bearer ' } }, 403, 'IncompleteSignatureException'],
    ['the agent token', { headers: agent }, 403, 'AccessDeniedException'],
    ['an operation AWS has and Longshore has not', { path: '/v1/updatejobqueue' }, 400, 'ClientException'],
    [
      'a tag operation',
      { method: 'GET', path: '/v1/tags/arn%3Aaws%3Abatch%2Fx', body: null },
      400,
      'ClientException',
    ],
    ['an operation nobody has', { path: '/v1/describeship' }, 404, 'UnknownOperationException'],
    ['another method', { method: 'GET', body: null }, 404, 'UnknownOperationException'],
    ['another path', { path: '/v2/describejobs' }, 404, 'UnknownOperationException'],
    ['a body that is not JSON', { body: '{"jobs":' }, 400, 'ClientException'],
    ['a body that is not an object', { body: '[]' }, 400, 'ClientException'],
    ['a body beyond the limit', { body: `{"jobs":["${'x'.repeat(2 ** 20)}"]}` }, 400, 'ClientException'],
    ['a body nested without end', { body: `{"jobs":[null,${'['.repeat(200_000)}` }, 400, 'ClientException'],
  ])('refuses %s in the shape of REST-JSON', async (_, sent, status, code) => {
    const env = stubbedEnv()
    const answer = await send(env, sent)
    expect(answer).toMatchObject({ status, code, body: { message: expect.any(String) } })
    expect(answer.requestId).toBeTruthy()
    expect(env.calls).toEqual([])
  })

  it.each<[string, Sent, string]>([
    [
      'an unknown target',
      { headers: { ...admin, 'x-amz-target': 'Logs_20140328.PutLogEvents' } },
      'UnknownOperationException',
    ],
    ['no target', {}, 'UnknownOperationException'],
    [
      'no authorization',
      { headers: { 'x-amz-target': 'Logs_20140328.GetLogEvents' } },
      'MissingAuthenticationTokenException',
    ],
    [
      'broken JSON',
      { body: '{', headers: { ...admin, 'x-amz-target': 'Logs_20140328.GetLogEvents' } },
      'SerializationException',
    ],
    [
      'a broken rule',
      { headers: { ...admin, 'x-amz-target': 'Logs_20140328.GetLogEvents' } },
      'InvalidParameterException',
    ],
  ])('refuses %s in the shape of JSON 1.1', async (_, sent, code) => {
    const answer = await send(stubbedEnv(), { path: '/', ...sent })
    expect(answer).toMatchObject({
      status: 400,
      type: 'application/x-amz-json-1.1',
      body: { __type: code, message: expect.any(String) },
    })
  })

  it('names the operation that is not implemented yet', async () => {
    const { body } = await send(stubbedEnv(), { path: '/v1/createquotashare' })
    expect(body).toEqual({ message: 'CreateQuotaShare is not implemented by Longshore yet' })
  })

  it('names the limit that a body passes, whether its length is announced or not', async () => {
    const message = 'Request body is too long: at most 1048576 bytes are accepted'
    const announced = await send(stubbedEnv(), { headers: { ...admin, 'content-length': '10000000' } })
    expect(announced.body).toEqual({ message })
    const streamed = await send(stubbedEnv(), { body: 'x'.repeat(1_048_577) })
    expect(streamed.body).toEqual({ message })
  })

  it('keeps the cause of a failure to itself', async () => {
    const env = stubbedEnv({
      describeJobs: () => {
        throw new Error('secret detail')
      },
    })
    const id = formatJobId({ queue: 1, shard: 0, seq: 1 }, 'salt')
    const answer = await send(env, { body: JSON.stringify({ jobs: [id] }) })
    expect(answer).toMatchObject({ status: 500, code: 'ServerException' })
    expect(JSON.stringify(answer.body)).not.toContain('secret')
  })

  it('accepts no token where none is set', async () => {
    const env = { ...stubbedEnv(), ADMIN_TOKEN: '', AGENT_TOKEN: '' }
    expect(await send(env, { headers: { authorization: 'Bearer undefined' } })).toMatchObject({ status: 403 })
  })
})

describe("the agents' way in", () => {
  const path = '/agent/v1/environments/local/connect'
  const upgrade = { upgrade: 'websocket', connection: 'upgrade' }
  const known = () =>
    stubbedEnv({ environmentNumber: () => 7, fetch: () => new Response('joined', { status: 200 }) })

  it.each([
    ['the agent token', agent],
    ['the admin token', admin],
  ])('opens to %s and hands the request to the environment', async (_, token) => {
    const env = known()
    const answer = await send(env, { method: 'GET', path, body: null, headers: { ...token, ...upgrade } })
    expect(answer.body).toBe('joined')
    expect(env.calls.map(({ object, method }) => [object, method])).toEqual([
      ['registry', 'environmentNumber'],
      ['environment-7', 'fetch'],
    ])
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['without a token', upgrade, 403, 'MissingAuthenticationTokenException'],
    ['with a wrong token', { ...upgrade, authorization: 'Bearer x' }, 403, 'UnrecognizedClientException'],
    ['without an upgrade', agent, 426, 'UpgradeRequiredException'],
  ])('stays shut %s', async (_, headers, status, code) => {
    const env = known()
    expect(await send(env, { method: 'GET', path, body: null, headers })).toMatchObject({ status, code })
    expect(env.calls).toEqual([])
  })

  it('answers 404 for an environment that does not exist', async () => {
    const env = stubbedEnv({ environmentNumber: () => undefined })
    expect(
      await send(env, { method: 'GET', path, body: null, headers: { ...agent, ...upgrade } }),
    ).toMatchObject({
      status: 404,
      body: { message: 'compute environment local does not exist' },
    })
  })
})
