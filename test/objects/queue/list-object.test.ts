import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ListJobs } from '../../../src/objects/queue/queue-rpc.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const notItsToken = {
  ok: false,
  refusal: { message: 'nextToken: not a token of this operation and its other members' },
}

type Query = Omit<ListJobs, 'maxResults'>

async function page(
  queue: TestQueue,
  query: Query,
  maxResults: number,
  nextToken?: string,
): Promise<{ ids: string[]; nextToken?: string }> {
  const token = nextToken === undefined ? {} : { nextToken }
  const outcome = await queue.stub().listJobs({ ...query, maxResults, ...token })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return {
    ids: outcome.value.jobs.map(({ jobId }) => jobId),
    ...(outcome.value.nextToken === undefined ? {} : { nextToken: outcome.value.nextToken }),
  }
}

/** Pages to the end; `between` runs after each page. */
async function pages(
  queue: TestQueue,
  query: Query,
  maxResults: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<string[][]> {
  const all: string[][] = []
  let token: string | undefined
  do {
    const { ids, nextToken } = await page(queue, query, maxResults, token)
    all.push(ids)
    token = nextToken
    await between()
  } while (token !== undefined)
  return all
}

describe('describeJobs', () => {
  it('answers in the order asked, with a gap for what it does not know', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids = [await deployment.submit(queue), await deployment.submit(queue)]
    const unknown = { queue: queue.number, shard: 0, seq: 99 }
    const targets = [targetOf(ids[1]!), unknown, targetOf(ids[0]!), targetOf(ids[1]!)]
    const views = await queue.stub().describeJobs(targets)
    expect(views.map((view) => view?.jobId)).toEqual([ids[1], undefined, ids[0], ids[1]])
  })
})

describe('listJobs', () => {
  it('pages through a state, newest first, each job once, also while others come', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.unshift(await deployment.submit(queue))
    const found = await pages(queue, { state: 'RUNNABLE' }, 3, () => deployment.submit(queue))
    expect(found).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
  })

  it('knows the jobs in each state', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 3 })
    const ids: string[] = []
    for (let i = 0; i < 4; i++) ids.push(await deployment.submit(queue))
    const waiting = await deployment.submit(queue, { dependsOn: [{ jobId: ids[0]! }] })
    const [first, second] = await agent.given(3)
    agent.started(first!.attemptId)
    agent.ended(second!.attemptId, { exitCode: 1 })
    await deployment.ended(ids[1]!)
    await agent.given(4)
    await deployment.inState(ids[0]!, 'RUNNING')
    const inState = async (state: Query['state']) => (await page(queue, { state }, 10)).ids
    expect(await inState('RUNNING')).toEqual([ids[0]])
    expect(await inState('FAILED')).toEqual([ids[1]])
    expect(await inState('STARTING')).toEqual([ids[3], ids[2]])
    expect(await inState('PENDING')).toEqual([waiting])
    expect(await inState('RUNNABLE')).toEqual([])
    expect(await inState('SUCCEEDED')).toEqual([])
  })

  it('pages through what runs', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 5 })
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => deployment.submit(queue)))
    for (const { attemptId } of await agent.given(5)) agent.started(attemptId)
    for (const id of ids) await deployment.inState(id, 'RUNNING')
    ids.reverse()
    expect(await pages(queue, { state: 'RUNNING' }, 2)).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
    ])
  })

  it('pages through the children of an array in a state', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 5 } })
    const children = [0, 1, 2, 3, 4].map((index) => `${jobId}:${index}`)
    const query: Query = { arrayJob: targetOf(jobId), state: 'RUNNABLE' }
    expect(await pages(queue, query, 2)).toEqual([
      children.slice(0, 2),
      children.slice(2, 4),
      children.slice(4),
    ])
    expect(await pages(queue, { ...query, state: 'RUNNING' }, 2)).toEqual([[]])
  })

  it('finds jobs by name, definition and age, whatever their state', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const alpha = await deployment.submit(queue, { jobName: 'Alpha-1' })
    const beta = await deployment.submit(queue, { jobName: 'beta' })
    await queue.stub().cancelJob(targetOf(beta), 'why')
    const { createdAt } = await deployment.describe(alpha)
    const find = async (filter: NonNullable<Query['filter']>) =>
      (await page(queue, { state: 'RUNNING', filter }, 10)).ids
    expect(await find({ name: 'JOB_NAME', values: ['alpha*'] })).toEqual([alpha])
    expect(await find({ name: 'JOB_NAME', values: ['BETA', 'none'] })).toEqual([beta])
    expect(await find({ name: 'JOB_DEFINITION', values: [`${deployment.definition}:1`] })).toEqual([
      beta,
      alpha,
    ])
    expect(await find({ name: 'JOB_DEFINITION', values: [`${deployment.definition}:2`] })).toEqual([])
    expect(await find({ name: 'AFTER_CREATED_AT', at: createdAt - 1 })).toEqual([beta, alpha])
    expect(await find({ name: 'BEFORE_CREATED_AT', at: createdAt })).toEqual([])
  })

  it('refuses a token that is not its own', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const query = { state: 'RUNNABLE', maxResults: 1 } as const
    for (let i = 0; i < 3; i++) await deployment.submit(queue)
    const { nextToken: own } = await page(queue, query, 1)
    for (const nextToken of ['garbage', btoa('jobs:'), btoa('[1]')])
      expect(await queue.stub().listJobs({ ...query, nextToken })).toMatchObject(notItsToken)
    expect(await queue.stub().listJobs({ ...query, state: 'PENDING', nextToken: own! })).toMatchObject(
      notItsToken,
    )
    expect(await queue.stub().listJobs({ ...query, maxResults: 5, nextToken: own! })).toMatchObject({
      ok: true,
    })
  })

  it('finds what waits among many that have ended without looking at those', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const first = await deployment.submit(queue)
    const waiting = await deployment.submit(queue, { dependsOn: [{ jobId: first }] })
    const array = await deployment.submit(queue, { arrayProperties: { size: 2 } })
    await runInDurableObject(queue.stub(), (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n(seq) AS (SELECT 10 UNION ALL SELECT seq + 1 FROM n WHERE seq < 60010)
         INSERT INTO job (seq, ready, front, priority, state, created_at, definition, unmet, progress, array_shape, request)
         SELECT n.seq, 0, 0, 0, 5, created_at, definition, 0, '[5,[]]', NULL, request FROM n, (SELECT * FROM job WHERE job.seq = 1) AS one`,
      )
    })
    await evictDurableObject(queue.stub())
    expect(await page(queue, { state: 'RUNNABLE' }, 10)).toEqual({ ids: [first] })
    expect(await page(queue, { state: 'PENDING' }, 10)).toEqual({ ids: [array, waiting] })
    expect(await page(queue, { state: 'FAILED' }, 10)).toEqual({ ids: [] })
  })
})
