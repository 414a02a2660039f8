import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import { RegistryObject } from '../../../src/objects/registry/registry-object.ts'
import { DurableSql } from '../../../src/runtime/durable-sql.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

afterEach(() => {
  vi.restoreAllMocks()
})

function submitTo(queue: TestQueue, definition: { name: string; revision?: number }, jobName = 'job') {
  return queue.stub().submitJob({ queue: queue.name, definition, request: { jobName } })
}

describe('submits', () => {
  it('share commits: a thousand at once take a few', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    // A queue without a host comes to count as blocked, which is written too; that of a busy one never does.
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    await deployment.submit(queue)
    await agent.given(1)
    const before = await queue.stub().rowsWritten()
    const commits = vi.spyOn(DurableSql.prototype, 'transaction')
    const lookUps = vi.spyOn(RegistryObject.prototype, 'resolveDefinitions')
    const ids = await Promise.all(Array.from({ length: 1_000 }, () => deployment.submit(queue)))
    expect(new Set(ids).size).toBe(1_000)
    // Four where all have come before the first commit; a few more where a busy machine lets them in one after the other.
    const groups = lookUps.mock.calls.length
    expect(groups).toBeLessThanOrEqual(4 * Math.ceil(1_000 / limits.submitGroup))
    // Other objects of the file's worker may commit something meanwhile.
    const byObject = [...Map.groupBy(commits.mock.contexts, (sql) => sql).values()]
    expect(byObject.map(({ length }) => length)).toContain(groups)
    expect((await queue.stub().rowsWritten()) - before).toBe(2_000)
  })

  it('are numbered in the order in which they came', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids = await Promise.all(Array.from({ length: 20 }, () => deployment.submit(queue)))
    expect(ids.map((id) => targetOf(id))).toEqual(
      Array.from({ length: 20 }, (_, i) => ({ queue: queue.number, shard: 0, seq: i + 1 })),
    )
  })

  it('that are refused leave nothing behind and do not hold up the others of their group', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const known = { name: deployment.definition }
    const [first, refused, second] = await Promise.all([
      submitTo(queue, known),
      submitTo(queue, { name: 'unknown' }),
      submitTo(queue, known),
    ])
    expect([first!.ok, second!.ok]).toEqual([true, true])
    expect(refused).toEqual({
      ok: false,
      refusal: { code: 'ClientException', message: 'JobDefinition unknown does not exist' },
    })
    const page = await queue.stub().listJobs({ state: 'RUNNABLE', maxResults: 10 })
    expect(page.ok && page.value.jobs.length).toBe(2)
  })

  it('reach the queue by its present name only', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const request = { jobName: 'job' }
    const definition = { name: deployment.definition }
    expect(await queue.stub().submitJob({ queue: 'another', definition, request })).toMatchObject({
      ok: false,
      refusal: { message: 'Job queue another does not exist' },
    })
  })

  it('keep the revision that was newest when they came', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const first = await deployment.submit(queue)
    await deployment.register({ parameters: { a: '1' } })
    const second = await deployment.submit(queue)
    const old = await submitTo(queue, { name: deployment.definition, revision: 1 })
    const views = await Promise.all(
      [first, second, old.ok ? old.value.jobId : ''].map((id) => deployment.describe(id)),
    )
    expect(views.map(({ definition, parameters }) => [definition.revision, parameters])).toEqual([
      [1, {}],
      [2, { a: '1' }],
      [1, {}],
    ])
  })
})

describe('an array', () => {
  it('of a hundred thousand is accepted with three rows, and every child can be described at once', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await deployment.submit(queue)
    const before = await queue.stub().rowsWritten()
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 100_000 } })
    expect((await queue.stub().rowsWritten()) - before).toBe(3)
    expect(await deployment.describe(jobId)).toMatchObject({
      state: 'PENDING',
      array: { size: 100_000, summary: { RUNNABLE: 100_000 } },
    })
    expect(await deployment.describe(`${jobId}:99999`)).toMatchObject({
      jobId: `${jobId}:99999`,
      state: 'RUNNABLE',
      array: { index: 99_999 },
    })
    expect(await queue.stub().describeJobs([targetOf(`${jobId}:100000`)])).toEqual([undefined])
  })
})
