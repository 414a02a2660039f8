import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { registryStub } from '../../../src/bindings.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

/** Gives the queue these environments, in this order. */
async function reorder(queue: TestQueue, ...deployments: TestDeployment[]): Promise<void> {
  const environments = deployments.map(({ environmentName }) => environmentName)
  const environmentOrders = environments.map((_, i) => i)
  const updated = await registryStub(env).updateQueue(queue.name, { environments, environmentOrders })
  expect(updated.ok).toBe(true)
}

async function setState(deployment: TestDeployment, state: 'ENABLED' | 'DISABLED'): Promise<void> {
  expect((await registryStub(env).updateEnvironment(deployment.environmentName, { state })).ok).toBe(true)
}

describe('a queue whose environment is exchanged', () => {
  it('lets what was placed there go on, also when its object starts anew', async () => {
    const [first, second] = [await TestDeployment.create(), await TestDeployment.create()]
    const queue = await first.queue()
    const former = await ScriptedAgent.connect(first.environment())
    const current = await ScriptedAgent.connect(second.environment())
    const [starting, running] = [await first.submit(queue), await first.submit(queue)]
    const [a, b] = await former.given(2)
    former.started(b!.attemptId)
    await first.inState(running, 'RUNNING')
    await reorder(queue, second)
    await evictDurableObject(queue.stub())
    const there = { latestAttempt: { environment: first.environmentName } }
    expect(await first.describe(starting)).toMatchObject({ state: 'STARTING', ...there })
    expect(await first.describe(running)).toMatchObject({ state: 'RUNNING', ...there })

    // The next job goes to the new environment, and nothing is started twice.
    const next = await first.submit(queue)
    const [c] = await current.given(1)
    expect(current.starts).toHaveLength(1)
    current.ended(c!.attemptId)
    for (const { attemptId } of [a!, b!]) former.ended(attemptId)
    for (const jobId of [starting, running, next]) expect((await first.ended(jobId)).state).toBe('SUCCEEDED')
    expect(former.starts).toHaveLength(2)
  })

  it('does not ask one that holds nothing any more again, and still knows its name', async () => {
    const [first, second] = [await TestDeployment.create(), await TestDeployment.create()]
    const queue = await first.queue()
    await ScriptedAgent.connect(first.environment(), { run: () => 0 })
    const jobId = await first.submit(queue)
    await first.ended(jobId)
    await reorder(queue, second)
    for (let life = 0; life < 2; life++) {
      await evictDurableObject(queue.stub())
      const [attempt] = (await first.describe(jobId)).attempts
      expect(attempt?.environment).toBe(first.environmentName)
    }
  })

  it('takes up what waited for the new one', async () => {
    const [first, second] = [await TestDeployment.create(), await TestDeployment.create()]
    const queue = await first.queue()
    await ScriptedAgent.connect(second.environment(), { run: () => 0 })
    const jobId = await first.submit(queue)
    await reorder(queue, first, second)
    expect((await first.ended(jobId)).state).toBe('SUCCEEDED')
  })
})

describe('an environment that is disabled', () => {
  it('places nothing new, lets what runs end, and goes on when it is enabled again', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const running = await deployment.submit(queue)
    const [attempt] = await agent.given(1)
    agent.started(attempt!.attemptId)
    await setState(deployment, 'DISABLED')
    const waiting = await deployment.submit(queue)
    await deployment.until(waiting, ({ statusReason }) => statusReason?.includes('DISABLED') === true)
    agent.ended(attempt!.attemptId)
    expect((await deployment.ended(running)).state).toBe('SUCCEEDED')
    expect(agent.starts).toHaveLength(1)

    await setState(deployment, 'ENABLED')
    await agent.given(2)
    const view = await deployment.inState(waiting, 'STARTING')
    expect(view.statusReason).toBeUndefined()
  })
})

describe('a job that waits because no host is connected', () => {
  const noHost = (deployment: TestDeployment) =>
    `CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - No host is connected to the compute environments of the job queue: ${deployment.environmentName}`

  it('says so until one joins, and again when it has left', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue)
    await deployment.until(jobId, ({ statusReason }) => statusReason === noHost(deployment))
    const small = await ScriptedAgent.connect(deployment.environment(), { vcpus: 0 })
    await deployment.until(jobId, ({ statusReason }) => statusReason?.includes('can hold') === true)
    small.close()
    const view = await deployment.until(jobId, ({ statusReason }) => statusReason === noHost(deployment))
    expect(view.state).toBe('RUNNABLE')
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      statusReason: 'Essential container in task exited',
    })
  })

  it('says so also when the queue has started anew, and of children', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 3 } })
    await evictDurableObject(queue.stub())
    for (const id of [jobId, `${jobId}:1`])
      expect((await deployment.describe(id)).statusReason).toBe(noHost(deployment))
    const query = { state: 'PENDING', maxResults: 10 } as const
    expect(await queue.stub().listJobs(query)).toMatchObject({
      value: { jobs: [{ jobId, statusReason: noHost(deployment) }] },
    })
  })
})

describe('a late configuration', () => {
  it('does not undo a newer one', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const old = (await registryStub(env).queueConfig(queue.number))!
    expect((await registryStub(env).updateQueue(queue.name, { state: 'DISABLED' })).ok).toBe(true)
    await queue.stub().configure(old)
    await expect(deployment.submit(queue)).rejects.toThrow('DISABLED')
  })
})
