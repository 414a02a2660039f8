import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operationModel } from '../../src/api/batch/model/batch-model.ts'
import type { OperationName } from '../../src/api/batch/model/model-types.ts'
import { adminHeaders, visibleState } from '../support/api-state.ts'
import { type Server, startServer } from '../support/server.ts'
import { type BadMember, badMembers } from './bad-members.ts'
import { coveredOperations, ownOperations } from './covered-members.ts'
import { exampleInputs } from './examples/inputs.ts'

let server: Server
let before: unknown

beforeAll(async () => {
  server = await startServer({ agent: false })
  before = await visibleState(server, ['default'])
})

afterAll(() => server?.stop())

describe('a server that is sent an input with one bad member', () => {
  it.each([...coveredOperations, ...ownOperations])(
    'refuses each of %s, by its name and in the shape of AWS',
    async (operation) => {
      const examples = exampleInputs[operation]
      expect(examples, 'an example').toBeDefined()
      const wrong: string[] = []
      const bads = examples!.flatMap((example) => badMembers(operation, example))
      for (const bad of bads.filter(
        (one) => !hasOwnAnswer(operation, one.path) && !isGoodIn(operation, one),
      )) {
        const { status, code, message } = await send(operation, bad)
        const refused = status === 400 && code === 'ClientException' && message.startsWith(`${bad.path}: `)
        if (!refused) wrong.push(`${bad.path} ${bad.what}: ${status} ${code} ${message}`)
      }
      expect(wrong).toEqual([])
    },
  )

  it('holds what it held before', async () => {
    expect(await visibleState(server, ['default'])).toEqual(before)
  })
})

/** Each entry of a bulk submit is answered for itself, with 200 around all of them. */
function hasOwnAnswer(operation: OperationName, path: string): boolean {
  return operation === 'SubmitJobs' && path.startsWith('jobs[')
}

/** A job that is only asked about needs no name, and no queue but the question's. */
function isGoodIn(operation: OperationName, { path, what }: BadMember): boolean {
  return operation === 'WhatIf' && what === 'left out' && ['job.jobName', 'job.jobQueue'].includes(path)
}

async function send(operation: OperationName, { input }: BadMember) {
  const { method, path } = operationModel(operation)
  const url = server.url + path.replace('{resourceArn}', 'arn%3Aaws%3Abatch')
  const response = await fetch(url, {
    method,
    headers: adminHeaders(server),
    ...(method === 'POST' ? { body: JSON.stringify(input) } : {}),
  })
  const { message } = (await response.json()) as { message: string }
  return { status: response.status, code: response.headers.get('x-amzn-errortype'), message }
}
