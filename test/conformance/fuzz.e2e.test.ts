import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operationModel, operationNames } from '../../src/api/batch/model/batch-model.ts'
import { adminHeaders, visibleState } from '../support/api-state.ts'
import { type Server, startServer } from '../support/server.ts'

const runs = 1_500
const answerWithinMs = 20_000

let server: Server
let before: unknown

beforeAll(async () => {
  server = await startServer({ agent: false })
  before = await visibleState(server, ['default'])
})

afterAll(() => server?.stop())

const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(
    fc.constantFrom('jobName', 'jobs', 'tags', 'maxResults', 'nextToken', 'filters', '__proto__'),
    fc.jsonValue(),
  ),
)
const anyBody = fc.oneof(
  anyJson.map((value) => JSON.stringify(value)),
  anyText,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
)
const anyPath = fc.oneof(
  fc.constantFrom(...operationNames.map((name) => operationModel(name).path)),
  fc
    .array(fc.oneof(anyText, fc.constantFrom('v1', 'tags', 'agent', '..', '%', '%00', '%2F')), {
      maxLength: 4,
    })
    .map(
      (steps) =>
        `/${steps.map((step) => (step.startsWith('%') ? step : encodeURIComponent(step.toWellFormed()))).join('/')}`,
    ),
)
const anyMethod = fc.constantFrom('POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS')
const anyTarget = fc.option(
  fc.constantFrom(
    'Logs_20140328.GetLogEvents',
    'Logs_20140328.FilterLogEvents',
    'Logs_20140328.Nothing',
    'x',
  ),
)

describe('a server that is sent anything at all', () => {
  it('answers, never by a failure of its own', async () => {
    const request = fc.record({ method: anyMethod, path: anyPath, body: anyBody, target: anyTarget })
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, body, target }) => {
        const response = await fetch(server.url + path, {
          method,
          headers: { ...adminHeaders(server), ...(target ? { 'x-amz-target': target } : {}) },
          ...(method === 'GET' ? {} : { body: body as never }),
          signal: AbortSignal.timeout(answerWithinMs),
        })
        const text = await response.text()
        expect(response.status, text).toBeLessThan(500)
      }),
      { numRuns: runs },
    )
  })

  it('holds what it held before', async () => {
    expect(await visibleState(server, ['default'])).toEqual(before)
  })
})
