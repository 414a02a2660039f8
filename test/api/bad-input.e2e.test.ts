import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BadRequest, badInputs, badSenders, known, type Sender } from '../support/api-bad-input.ts'
import { type Signer, signedHeaders } from '../support/api-requests.ts'
import { badLogsInputs } from '../support/logs-bad-input.ts'
import { startServer } from '../support/server.ts'

let server: Awaited<ReturnType<typeof startServer>>
let jobId: string
let before: unknown

beforeAll(async () => {
  server = await startServer({ agent: false })
  const { environment, queue, definition } = known
  await call('createcomputeenvironment', { computeEnvironmentName: environment, type: 'UNMANAGED' })
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: environment }]
  await call('createjobqueue', { jobQueueName: queue, priority: 1, computeEnvironmentOrder })
  const containerProperties = { image: 'a', command: ['sleep', '1'], vcpus: 1, memory: 4 }
  await call('registerjobdefinition', {
    jobDefinitionName: definition,
    type: 'container',
    containerProperties,
  })
  const submitted = await call('submitjob', { jobName: 'waits', jobQueue: queue, jobDefinition: definition })
  jobId = (submitted as { jobId: string }).jobId
  before = await everything()
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
    const response = await fetch(server.url + path, { method, headers: adminHeaders() })
    expect(response.status).toBe(404)
    expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException')
  })

  it.each(['canceljob', 'terminatejob'])('answers %s of an unknown id with nothing', async (operation) => {
    expect(await call(operation, { jobId: 'garbage', reason: 'r' })).toEqual({})
  })

  it('holds what it held before', async () => {
    expect(await everything()).toEqual(before)
  })
})

/** What clients can see of the deployment. */
async function everything(): Promise<unknown> {
  const states = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED']
  return {
    environments: await call('describecomputeenvironments', {}),
    queues: await call('describejobqueues', {}),
    definitions: await call('describejobdefinitions', {}),
    job: await call('describejobs', { jobs: [jobId] }),
    jobs: await Promise.all(
      states.map((jobStatus) => call('listjobs', { jobQueue: known.queue, jobStatus })),
    ),
  }
}

async function call(operation: string, input: object): Promise<object> {
  const response = await fetch(`${server.url}/v1/${operation}`, {
    method: 'POST',
    headers: adminHeaders(),
    body: JSON.stringify(input),
  })
  const output = (await response.json()) as object
  expect(response.status, JSON.stringify(output)).toBe(200)
  return output
}

function send({ path, body, target, sender }: BadRequest): Promise<Response> {
  const url = server.url + path
  const plain = target ? { 'x-amz-target': target } : {}
  const headers = senderHeaders(sender, { method: 'POST', url, headers: plain, body })
  return fetch(url, { method: 'POST', headers, body })
}

function senderHeaders(sender: Sender, parts: Parameters<typeof signedHeaders>[0]): Record<string, string> {
  switch (sender.by) {
    case 'admin':
      return { ...parts.headers, ...adminHeaders() }
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

function adminHeaders(): Record<string, string> {
  return { authorization: `Bearer ${server.token}` }
}
