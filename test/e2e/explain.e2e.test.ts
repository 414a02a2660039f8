import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { TerminateJobCommand } from '@aws-sdk/client-batch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Explanation } from '../../src/core/model/explanation.ts'
import { defineScript, submit, waitForEnd, waitForJob } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

let server: Server
let definition: string

beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 1 } })
  definition = await defineScript(server, 'sleep 300', { timeout: { attemptDurationSeconds: 600 } })
})

afterAll(() => server?.stop())

async function explain(jobId: string): Promise<{ status: number; body: Explanation }> {
  const url = `${server.url}/v1/jobs/${encodeURIComponent(jobId)}/explain`
  const response = await fetch(url, { headers: { authorization: `Bearer ${server.token}` } })
  return { status: response.status, body: (await response.json()) as Explanation }
}

/** `longshore explain`, as a user calls it. */
async function explainCommand(...argv: string[]): Promise<string> {
  const env = { ...process.env, LONGSHORE_URL: server.url, LONGSHORE_TOKEN: server.token }
  const command = ['src/cli/main.ts', 'explain', ...argv]
  const { stdout } = await promisify(execFile)(process.execPath, command, { env })
  return stdout
}

test('a job that waits is explained over HTTP and by the command, until it runs and ends', async () => {
  const first = await submit(server, definition)
  await waitForJob(server, first, ({ status }) => status === 'RUNNING')
  const second = await submit(server, definition)
  await waitForJob(server, second, ({ statusReason }) => statusReason !== undefined)
  const { status, body } = await explain(second)
  expect(status).toBe(200)
  expect(body.waitingFor).toMatchObject([{ kind: 'CAPACITY', text: expect.stringContaining('lacks 1 vCPU') }])
  expect(body.order).toEqual({ jobsAhead: 0, schedulingPriority: 0 })
  expect(body.estimatedStart!.at).toBeGreaterThan(Date.now())
  expect(await explainCommand(second)).toMatch(/is RUNNABLE\nThe job waits: .*lacks 1 vCPU/)
  expect(JSON.parse(await explainCommand(second, '--json')).waitingFor).toEqual(body.waitingFor)
  await server.batch.send(new TerminateJobCommand({ jobId: first, reason: 'enough' }))
  await waitForJob(server, second, (job) => job.status === 'RUNNING')
  expect((await explain(second)).body).toMatchObject({ status: 'RUNNING', waitingFor: [] })
  await server.batch.send(new TerminateJobCommand({ jobId: second, reason: 'enough' }))
  await waitForEnd(server, second)
  expect((await explain(second)).body.summary).toBe('The job has failed: enough')
})

test('a job that nobody submitted is refused in the form of the API, and by the command', async () => {
  const { status, body } = await explain('00000000-0000-8000-0000-000000000000')
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('does not exist') },
  })
  await expect(explainCommand('nonsense')).rejects.toThrow('job nonsense does not exist')
})
