import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { registryStub } from '../../../src/bindings.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

async function deleteQueue(queue: TestQueue): Promise<void> {
  expect((await registryStub(env).updateQueue(queue.name, { state: 'DISABLED' })).ok).toBe(true)
  expect(await registryStub(env).deleteQueue(queue.name)).toEqual({ ok: true, value: {} })
}

describe('a deleted queue', () => {
  it('ends its jobs, waiting ones at once and running ones on their hosts, and still tells of them', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const running = [await deployment.submit(queue), await deployment.submit(queue)]
    const waiting = await deployment.submit(queue)
    const array = await deployment.submit(queue, { arrayProperties: { size: 5 } })
    const dependent = await deployment.submit(queue, { dependsOn: [{ jobId: waiting }] })
    const [a, b] = await agent.given(2)
    agent.started(a!.attemptId)
    await deployment.inState(running[0]!, 'RUNNING')
    await deleteQueue(queue)

    for (const jobId of [waiting, array])
      expect(await deployment.ended(jobId)).toMatchObject({
        state: 'FAILED',
        statusReason: 'Job queue deleted',
        isTerminated: true,
      })
    expect((await deployment.ended(dependent)).state).toBe('FAILED')
    await agent.until('both are told to stop', () => agent.stops.length >= 2)
    expect(agent.stops[0]).toMatchObject({ reason: 'Job queue deleted' })
    for (const { attemptId } of [a!, b!]) agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    for (const jobId of running)
      expect(await deployment.ended(jobId)).toMatchObject({
        state: 'FAILED',
        statusReason: 'Job queue deleted',
        attempts: [{ exitCode: 143 }],
      })
    expect(agent.starts).toHaveLength(2)
    await evictDurableObject(queue.stub())
    expect((await deployment.describe(waiting)).state).toBe('FAILED')
  })

  it('takes no jobs, lists none by its name, and gives its name to another', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ended = await deployment.submit(queue)
    await deleteQueue(queue)
    await expect(deployment.submit(queue)).rejects.toThrow()
    const query = { state: 'FAILED', maxResults: 10, queue: queue.name } as const
    expect(await queue.stub().listJobs(query)).toMatchObject({
      refusal: { message: `jobQueue: job queue ${queue.name} does not exist` },
    })
    const registry = registryStub(env)
    expect(await registry.queueNumber(queue.name)).toBeUndefined()
    const environments = [deployment.environmentName]
    const create = { name: queue.name, state: 'ENABLED', priority: 1, environments } as const
    expect((await registry.createQueue(create)).ok).toBe(true)
    expect(await registry.queueNumber(queue.name)).toBeGreaterThan(queue.number)
    expect((await deployment.ended(ended)).queue).toBe(queue.name)
  })

  it('goes on ending its jobs after its object has started anew', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobs = await Promise.all(Array.from({ length: 250 }, () => deployment.submit(queue)))
    await deleteQueue(queue)
    await evictDurableObject(queue.stub())
    for (const jobId of [jobs[0]!, jobs[120]!, jobs[249]!])
      expect((await deployment.ended(jobId)).statusReason).toBe('Job queue deleted')
  })
})

describe('the tags of a job', () => {
  it('are changed on its row, in every state, and stay', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, { tags: { a: '1' } })
    const target = { queue: queue.number, shard: 0, seq: 1 }
    expect(await queue.stub().jobTags(target)).toEqual({ ok: true, value: { a: '1' } })
    expect((await queue.stub().changeJobTags(target, { add: { b: '2' } })).ok).toBe(true)
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(jobId)
    expect((await queue.stub().changeJobTags(target, { remove: ['a'] })).ok).toBe(true)
    await evictDurableObject(queue.stub())
    expect((await deployment.describe(jobId)).tags).toEqual({ b: '2' })
  })

  it('are those of a job as a whole', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await deployment.submit(queue, { arrayProperties: { size: 2 } })
    const child = { queue: queue.number, shard: 0, seq: 1, index: 0 }
    for (const target of [child, { queue: queue.number, shard: 0, seq: 99 }])
      expect((await queue.stub().changeJobTags(target, { add: { b: '2' } })).ok).toBe(false)
  })
})
