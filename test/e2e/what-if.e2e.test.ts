import { TerminateJobCommand } from '@aws-sdk/client-batch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postBatch } from '../support/api-state.ts'
import { defineScript, submit, waitForJob } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

let server: Server
let definition: string

beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 1 } })
  definition = await defineScript(server, 'sleep 300', { timeout: { attemptDurationSeconds: 600 } })
})

afterAll(() => server?.stop())

function whatIf(question: object) {
  // biome-ignore lint/suspicious/noExplicitAny: the answer is compared member by member
  return postBatch<any>(server, 'whatif', { jobQueue: 'default', ...question })
}

test('a job that is not submitted, one that waits and another environment are forecast over HTTP', async () => {
  const first = await submit(server, definition)
  await waitForJob(server, first, ({ status }) => status === 'RUNNING')
  const second = await submit(server, definition)
  await waitForJob(server, second, ({ statusReason }) => statusReason !== undefined)
  const job = { jobDefinition: definition, arrayProperties: { size: 3 } }

  const { status, body } = await whatIf({ job, runSeconds: 60 })
  expect(status).toBe(200)
  const asIs = body.whatIf.job
  expect(asIs).toMatchObject({ attempts: 3, runSeconds: 60, runTimeBasis: 'GIVEN' })
  expect(asIs.hosts).toMatchObject([{ computeEnvironment: 'local', attempts: 3, vcpus: 1 }])
  expect(asIs.startsAt).toBeGreaterThan(body.at + 600_000)
  expect(asIs.lastStartsAt).toBe(asIs.startsAt + 120_000)
  expect(body.whatIf.waiting.attempts).toBe(1)

  const addHosts = [{ count: 4, vcpus: 1, memory: 4096, cpuArchitecture: 'X86_64' }]
  const changes = { computeEnvironments: [{ computeEnvironment: 'local', addHosts }] }
  const larger = await whatIf({ job, runSeconds: 60, changes })
  expect(larger.body.whatIf.job).toMatchObject({
    startsAt: larger.body.at,
    hosts: [{ isAdded: true, attempts: 3 }],
  })

  const { present, whatIf: changed, at } = (await whatIf({ jobId: second, changes })).body
  expect(present.job.startsAt).toBeGreaterThan(at)
  expect(changed.job.startsAt).toBe(at)

  await server.batch.send(new TerminateJobCommand({ jobId: first, reason: 'enough' }))
  await waitForJob(server, second, (one) => one.status === 'RUNNING')
  const over = await whatIf({ jobId: second })
  expect(over).toMatchObject({ status: 400, body: { message: expect.stringContaining('does not wait') } })
  await server.batch.send(new TerminateJobCommand({ jobId: second, reason: 'enough' }))
})

test('a question that asks nothing, or of what there is not, is refused in the form of the API', async () => {
  const messages = await Promise.all(
    [{}, { runSeconds: 5, changes: {} }, { job: { jobDefinition: 'none' } }, { job: 'a' }].map(
      async (question) => (await whatIf(question)).body.message,
    ),
  )
  expect(messages).toEqual([
    'changes: one of job, jobId and changes must be given',
    'runSeconds: is about a job: job or jobId must be given',
    'JobDefinition none does not exist',
    'job: must be an object',
  ])
})
