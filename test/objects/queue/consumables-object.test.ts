import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { consumablesStub } from '../../../src/bindings.ts'
import type { ConsumableResource } from '../../../src/core/model/consumable.ts'
import type { JobRequest } from '../../../src/core/model/job.ts'
import { ConsumablesObject } from '../../../src/objects/consumables/consumables-object.ts'
import { EnvironmentObject } from '../../../src/objects/environment/environment-object.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

let nextName = 1

/** A resource of its own for each test. */
async function aResource(total: number, type: ConsumableResource['type'] = 'REPLENISHABLE') {
  const name = `resource-${nextName++}`
  const created = await consumablesStub(env).createResource({ name, type, total, tags: {} })
  if (!created.ok) throw new Error(created.refusal.message)
  const look = async () => {
    const outcome = await consumablesStub(env).describeResource(name)
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value
  }
  return {
    name,
    look,
    settles: (expected: Partial<ConsumableResource>) =>
      vi.waitFor(async () => expect(await look()).toMatchObject(expected), { timeout: 10_000 }),
    wanting: (quantity = 1): Partial<JobRequest> => ({
      consumableResourcePropertiesOverride: {
        consumableResourceList: [{ consumableResource: name, quantity }],
      },
    }),
  }
}

async function aSystem(vcpus = 8) {
  const deployment = await TestDeployment.create()
  const queue = await deployment.queue()
  const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus })
  return { deployment, queue, agent }
}

const short = (name: string, wanted: number, free: number) =>
  `CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource ${name}: ${wanted} wanted, ${free} available`

describe('jobs that need a consumable resource', () => {
  it('run no more at once than there is of it, wait with the reason, and hold up nobody', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(2)
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push(await deployment.submit(queue, seat.wanting()))
    const plain = await deployment.submit(queue)
    const starts = await agent.given(3)
    expect(starts.map(({ environment }) => environment.AWS_BATCH_JOB_ID)).toEqual([ids[0], ids[1], plain])
    expect(await seat.look()).toMatchObject({ total: 2, inUse: 2 })
    const waiting = await deployment.until(ids[2]!, (view) => view.statusReason !== undefined)
    expect(waiting).toMatchObject({
      state: 'RUNNABLE',
      statusReason: short(seat.name, 1, 0),
      ...{ consumableResourceProperties: seat.wanting().consumableResourcePropertiesOverride },
    })
    agent.ended(starts[0]!.attemptId)
    expect((await agent.given(4))[3]!.environment.AWS_BATCH_JOB_ID).toBe(ids[2])
    for (const { attemptId } of agent.starts.slice(1)) agent.ended(attemptId)
    expect((await deployment.ended(ids[2]!)).statusReason).toBe('Essential container in task exited')
    await seat.settles({ total: 2, inUse: 0 })
  })

  it('wait in line: a small one does not overtake one that wants more of it, unless that is stopped', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(2)
    const first = await deployment.submit(queue, seat.wanting())
    await agent.given(1)
    const large = await deployment.submit(queue, seat.wanting(2))
    await deployment.until(large, ({ statusReason }) => statusReason === short(seat.name, 2, 1))
    const small = [
      await deployment.submit(queue, seat.wanting()),
      await deployment.submit(queue, seat.wanting()),
    ]
    const behind = `${short(seat.name, 1, 1)}, for more of which a job before it waits`
    for (const jobId of small) await deployment.until(jobId, ({ statusReason }) => statusReason === behind)
    const order = () => agent.starts.map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    agent.ended(agent.starts[0]!.attemptId)
    await agent.given(2)
    expect(order()).toEqual([first, large])
    const larger = await deployment.submit(queue, seat.wanting(2))
    agent.ended(agent.starts[1]!.attemptId)
    await agent.given(4)
    expect(order().slice(2)).toEqual(small)
    agent.ended(agent.starts[2]!.attemptId)
    await deployment.until(larger, ({ statusReason }) => statusReason === short(seat.name, 2, 0))
    await seat.settles({ inUse: 1 })
    const last = await deployment.submit(queue, seat.wanting())
    await deployment.until(last, ({ statusReason }) => statusReason === short(seat.name, 1, 0))
    await queue.stub().cancelJob(targetOf(larger), 'not needed')
    await agent.given(5)
    expect(order()[4]).toBe(last)
  })

  it('do not wait for one that wants more of it than there is', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(1)
    await deployment.submit(queue, seat.wanting())
    await agent.given(1)
    const never = await deployment.submit(queue, seat.wanting(2))
    await deployment.until(never, ({ statusReason }) => statusReason === short(seat.name, 2, 0))
    const next = await deployment.submit(queue, seat.wanting())
    await deployment.until(next, ({ statusReason }) => statusReason === short(seat.name, 1, 0))
    agent.ended(agent.starts[0]!.attemptId)
    expect((await agent.given(2))[1]!.environment.AWS_BATCH_JOB_ID).toBe(next)
  })

  it('stay within the limits of their queue when there is more of it', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ schedulingSettings: { limits: { runningJobs: 2 } } })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    const seat = await aResource(1)
    const ids: string[] = []
    for (const request of [seat.wanting(), seat.wanting(), {}, {}])
      ids.push(await deployment.submit(queue, request))
    const [first] = await agent.given(2)
    await deployment.until(ids[1]!, ({ statusReason }) => statusReason === short(seat.name, 1, 0))
    agent.ended(first!.attemptId)
    const started = (await agent.given(3)).map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    const waits = ids.find((id) => !started.includes(id))!
    await deployment.until(waits, ({ statusReason }) => /^QUEUE_LIMIT/.test(statusReason ?? ''))
    expect(agent.starts).toHaveLength(3)
  })

  it('are refused where it does not exist', async () => {
    const { deployment, queue } = await aSystem()
    const request = { consumableResource: 'no-such', quantity: 1 }
    const override = { consumableResourcePropertiesOverride: { consumableResourceList: [request] } }
    await expect(deployment.submit(queue, override)).rejects.toThrow(
      'Consumable resource no-such does not exist',
    )
  })

  it('use it up where it is not replenishable, and go on when there is more', async () => {
    const { deployment, queue, agent } = await aSystem()
    const token = await aResource(2, 'NON_REPLENISHABLE')
    const first = await deployment.submit(queue, token.wanting(2))
    agent.ended((await agent.given(1))[0]!.attemptId)
    await deployment.ended(first)
    await token.settles({ total: 0, inUse: 0 })
    const second = await deployment.submit(queue, token.wanting(2))
    await deployment.until(second, (view) => view.statusReason === short(token.name, 2, 0))
    const add = { name: token.name, operation: 'ADD', quantity: 2 } as const
    await consumablesStub(env).updateResource(add)
    await agent.given(2)
    expect(await token.look()).toMatchObject({ total: 2, inUse: 2 })
  })

  it('give it back when they are terminated, and take it anew when they are tried again', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(1)
    const retryStrategy = { attempts: 2 }
    const jobId = await deployment.submit(queue, { ...seat.wanting(), retryStrategy })
    const other = await deployment.submit(queue, seat.wanting())
    agent.ended((await agent.given(1))[0]!.attemptId, { exitCode: 1 })
    const again = (await agent.given(2))[1]!
    await seat.settles({ inUse: 1 })
    const [holder, waiting] = again.environment.AWS_BATCH_JOB_ID === jobId ? [jobId, other] : [other, jobId]
    agent.started(again.attemptId)
    await deployment.inState(holder, 'RUNNING')
    await queue.stub().cancelJob(targetOf(waiting), 'not needed')
    await queue.stub().terminateJob(targetOf(holder), 'enough')
    await agent.until('it is stopped', () => agent.stops.length > 0)
    agent.ended(again.attemptId, { cause: 'stopped', exitCode: 143 })
    expect((await deployment.ended(holder)).state).toBe('FAILED')
    await seat.settles({ inUse: 0 })
  })

  it('hold it, of an array, each child for itself', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(3)
    const jobId = await deployment.submit(queue, { ...seat.wanting(), arrayProperties: { size: 7 } })
    for (let given = 3; given < 7; given++) {
      const starts = await agent.given(given)
      expect((await seat.look()).inUse).toBeLessThanOrEqual(3)
      agent.ended(starts[given - 3]!.attemptId)
    }
    for (const { attemptId } of (await agent.given(7)).slice(4)) agent.ended(attemptId)
    expect((await deployment.ended(jobId)).state).toBe('SUCCEEDED')
    expect(agent.starts.length).toBe(7)
    await seat.settles({ inUse: 0 })
  })

  it('hold nothing while there is no room for them, and ask no more than once for it', async () => {
    const seat = await aResource(1)
    const acquire = vi.spyOn(ConsumablesObject.prototype, 'acquire')
    const systems = [await aSystem(1), await aSystem(1)]
    const jobs: [TestDeployment, string][] = []
    for (const { deployment, queue, agent } of systems) {
      await deployment.submit(queue)
      await agent.given(1)
      for (let i = 0; i < 2; i++) jobs.push([deployment, await deployment.submit(queue, seat.wanting())])
    }
    await seat.settles({ inUse: 0 })
    for (const { agent } of systems) agent.ended(agent.starts[0]!.attemptId)
    for (let ended = 0; ended < 4; ended++) {
      const held = () =>
        systems.flatMap(({ agent }) => agent.starts.slice(1).map((start) => [agent, start] as const))
      await vi.waitFor(() => expect(held().length).toBeGreaterThan(ended), { timeout: 10_000 })
      expect((await seat.look()).inUse).toBe(1)
      const [agent, start] = held().find(([one, { attemptId }]) => !one.settled.includes(attemptId))!
      agent.ended(start.attemptId)
      await agent.until('it is settled', () => agent.settled.includes(start.attemptId))
    }
    for (const [deployment, jobId] of jobs) await deployment.ended(jobId)
    await seat.settles({ inUse: 0 })
    expect(acquire.mock.calls.length).toBeLessThan(40)
    acquire.mockRestore()
  })

  it('are asked for again as many as may start, however many wait', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(1)
    const waiting = 60
    const ids: string[] = []
    for (let i = 0; i <= waiting; i++) ids.push(await deployment.submit(queue, seat.wanting()))
    await deployment.until(ids.at(-1)!, (view) => view.statusReason !== undefined)
    const acquire = vi.spyOn(ConsumablesObject.prototype, 'acquire')
    for (let i = 0; i < 10; i++) {
      agent.ended((await agent.given(i + 1))[i]!.attemptId)
      await deployment.ended(ids[i]!)
    }
    await agent.given(11)
    const asks = acquire.mock.calls.reduce((sum, [request]) => sum + request.asks.length, 0)
    expect(asks).toBeLessThanOrEqual(30)
    acquire.mockRestore()
    expect(agent.starts.map(({ environment }) => environment.AWS_BATCH_JOB_ID)).toEqual(ids.slice(0, 11))
  })

  it('are listed by it, newest first, page by page', async () => {
    const { deployment, queue } = await aSystem()
    const seat = await aResource(1)
    const ids: string[] = []
    for (const jobName of ['one', 'Two', 'three'])
      ids.push(await deployment.submit(queue, { jobName, ...seat.wanting(2) }))
    await deployment.submit(queue)
    const query = { resource: seat.name, states: [], names: [], maxResults: 2 }
    const page = await queue.stub().listConsumers(query)
    expect(page.jobs).toMatchObject([
      { view: { jobId: ids[2] }, quantity: 2 },
      { view: { jobId: ids[1] }, quantity: 2 },
    ])
    const rest = await queue.stub().listConsumers({ ...query, before: page.last! })
    expect(rest).toMatchObject({ jobs: [{ view: { jobId: ids[0] } }] })
    const named = await queue.stub().listConsumers({ ...query, names: ['t*'], states: ['RUNNABLE'] })
    expect(named.jobs.map(({ view }) => view.jobName)).toEqual(['three', 'Two'])
    expect(await queue.stub().listConsumers({ ...query, states: ['FAILED'] })).toEqual({ jobs: [] })
  })
})

const crash = (stub: DurableObjectStub) =>
  runInDurableObject(stub, (_, state) => state.abort('crash')).catch(() => undefined)

describe('what is held', () => {
  it('is given back by a queue that started anew meanwhile', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(2)
    const ids = [
      await deployment.submit(queue, seat.wanting()),
      await deployment.submit(queue, seat.wanting()),
    ]
    const [first, second] = await agent.given(2)
    agent.started(first!.attemptId)
    await deployment.inState(ids[0]!, 'RUNNING')
    await evictDurableObject(queue.stub())
    expect((await deployment.describe(ids[1]!)).state).toBe('STARTING')
    const third = await deployment.submit(queue, seat.wanting())
    await deployment.until(third, (view) => view.statusReason === short(seat.name, 1, 0))
    expect((await seat.look()).inUse).toBe(2)
    await crash(queue.stub())
    agent.ended(first!.attemptId)
    agent.ended(second!.attemptId)
    agent.ended((await agent.given(3))[2]!.attemptId)
    await deployment.ended(third)
    await seat.settles({ inUse: 0 })
  })

  it('is given back after a crash between taking it and placing', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(1)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const place = vi.spyOn(EnvironmentObject.prototype, 'place').mockRejectedValueOnce(new Error('crashing'))
    const jobId = await deployment.submit(queue, seat.wanting())
    await vi.waitFor(() => expect(place).toHaveBeenCalled())
    await crash(queue.stub())
    place.mockRestore()
    expect((await seat.look()).inUse).toBe(1)
    await queue.stub().cancelJob(targetOf(jobId), 'not needed')
    expect((await deployment.ended(jobId)).state).toBe('FAILED')
    await runDurableObjectAlarm(queue.stub())
    await seat.settles({ inUse: 0 })
    expect(agent.starts).toEqual([])
    vi.restoreAllMocks()
  })

  it('is counted the same by Consumables that start anew, and asked for again when they did not answer', async () => {
    const { deployment, queue, agent } = await aSystem()
    const seat = await aResource(1)
    const first = await deployment.submit(queue, seat.wanting())
    const [start] = await agent.given(1)
    const object = () =>
      env.CONSUMABLES.get(env.CONSUMABLES.idFromName('consumables') as never) as DurableObjectStub
    await evictDurableObject(object())
    const second = await deployment.submit(queue, seat.wanting())
    await deployment.until(second, (view) => view.statusReason === short(seat.name, 1, 0))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const release = vi.spyOn(ConsumablesObject.prototype, 'release').mockRejectedValueOnce(new Error('gone'))
    agent.ended(start!.attemptId)
    await deployment.ended(first)
    await vi.waitFor(() => expect(release).toHaveBeenCalled())
    agent.ended((await agent.given(2))[1]!.attemptId)
    await deployment.ended(second)
    await seat.settles({ inUse: 0 })
    vi.restoreAllMocks()
  })
})
