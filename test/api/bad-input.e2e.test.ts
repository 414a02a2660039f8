import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BadRequest, badInputs, badSenders, known, type Sender } from '../support/api-bad-input.ts'
import { type Signer, signedHeaders } from '../support/api-requests.ts'
import { adminHeaders, callBatch, visibleState } from '../support/api-state.ts'
import { badLogsInputs } from '../support/logs-bad-input.ts'
import { startServer } from '../support/server.ts'

let server: Awaited<ReturnType<typeof startServer>>
let before: unknown

beforeAll(async () => {
  server = await startServer({ agent: false })
  const { environment, queue, definition } = known
  await callBatch(server, 'createcomputeenvironment', {
    computeEnvironmentName: environment,
    type: 'UNMANAGED',
  })
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: environment }]
  await callBatch(server, 'createjobqueue', { jobQueueName: queue, priority: 1, computeEnvironmentOrder })
  const containerProperties = { image: 'a', command: ['sleep', '1'], vcpus: 1, memory: 4 }
  await callBatch(server, 'registerjobdefinition', {
    jobDefinitionName: definition,
    type: 'container',
    containerProperties,
  })
  await callBatch(server, 'submitjob', {
    jobName: 'waits',
    jobQueue: queue,
    jobDefinition: definition,
  })
  before = await visibleState(server, [known.queue])
})

afterAll(() => server?.stop())

describe('a server that is sent bad requests', () => {
  it.each([...badInputs, ...badLogsInputs, ...badSenders])(
    'refuses %s in the shape of AWS',
    async (_, bad) => {
      const response = await send(bad)
      const body = (await response.json()) as { message: string; __type?: string }
      const code = bad.target ? body.__type : response.headers.get('x-amzn-errortype')
      expect({ status: response.status, code, message: body.message }).toEqual({
        status: bad.status,
        code: bad.code,
        message: expect.stringContaining(bad.says),
      })
      expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    },
  )

  it.each([
    ['an unknown operation', 'POST', '/v1/describeship'],
    ['an unknown path', 'GET', '/v3/jobs'],
  ])('answers 404 to %s', async (_, method, path) => {
    const response = await fetch(server.url + path, { method, headers: adminHeaders(server) })
    expect(response.status).toBe(404)
    expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException')
  })

  it.each(['canceljob', 'terminatejob'])('answers %s of an unknown id with nothing', async (operation) => {
    expect(await callBatch(server, operation, { jobId: 'garbage', reason: 'r' })).toEqual({})
  })

  it('holds what it held before', async () => {
    expect(await visibleState(server, [known.queue])).toEqual(before)
  })
})

function send({ path, body, target, sender }: BadRequest): Promise<Response> {
  const url = server.url + path
  const plain = target ? { 'x-amz-target': target } : {}
  const headers = senderHeaders(sender, { method: 'POST', url, headers: plain, body })
  return fetch(url, { method: 'POST', headers, body })
}

function senderHeaders(sender: Sender, parts: Parameters<typeof signedHeaders>[0]): Record<string, string> {
  switch (sender.by) {
    case 'admin':
      return { ...parts.headers, ...adminHeaders(server) }
    case 'agent':
      return { ...parts.headers, authorization: `Bearer ${server.agentToken}` }
    case 'header':
      return { ...parts.headers, authorization: sender.authorization }
    case 'nobody':
      return parts.headers
    case 'signature': {
      const { accessKeyId, secretAccessKey, region } = server
      const signer: Signer = { accessKeyId, secretAccessKey, region, service: 'batch' }
      const { host, ...headers } = signedHeaders(parts, { ...signer, ...sender.signer }, sender.changes)
      return headers
    }
  }
}
