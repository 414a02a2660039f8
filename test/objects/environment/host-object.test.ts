import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { formatInstanceId } from '../../../src/core/model/ids.ts'
import { endOf, ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const leaseSeconds = 600
const minuteMs = 60_000

afterEach(() => {
  vi.useRealTimers()
})

/** Moves the clock that objects see. */
function advance(ms: number): void {
  const now = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: now + ms })
}

/** A job on a host, RUNNING. */
async function runningJob(deployment: TestDeployment, queue: TestQueue, vcpus = 1) {
  const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus })
  const jobId = await deployment.submit(queue)
  const { attemptId } = (await agent.given(1))[0]!
  agent.started(attemptId)
  await deployment.inState(jobId, 'RUNNING')
  return { agent, jobId, attemptId, instanceId: formatInstanceId(agent.instanceId) }
}

async function cut(agent: ScriptedAgent): Promise<void> {
  agent.close()
  await agent.until('the socket is closed', () => agent.closed !== undefined)
}

describe('a host that is cut off', () => {
  it('goes on where it was when it comes back within its lease', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds })
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    await cut(agent)
    expect(await deployment.environment().describeHosts()).toMatchObject([
      { state: 'disconnected', attempts: [attemptId], leaseExpiresAt: expect.any(Number) },
    ])
    advance(9 * minuteMs)
    await runDurableObjectAlarm(deployment.environment())
    const { instanceId } = agent
    const attempts = [{ attemptId, state: 'running', startedAt: 100 }] as const
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId,
      vcpus: 1,
      attempts: [...attempts],
    })
    expect(await back.heard('welcome')).toMatchObject({ stop: [], forget: [] })
    expect((await deployment.describe(jobId)).state).toBe('RUNNING')
    back.ended(attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED', attempts: [{ exitCode: 0 }] })
    expect(back.starts).toEqual([])
  })

  it('tells with its hello what ended meanwhile', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds })
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    await cut(agent)
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId: agent.instanceId,
      attempts: [{ attemptId, state: 'ended', report: endOf(attemptId) }],
    })
    await back.heard('settled')
    expect(back.settled).toEqual([attemptId])
    expect((await deployment.describe(jobId)).state).toBe('SUCCEEDED')
  })

  it('is lost when its lease runs out, and its job is tried elsewhere', async () => {
    const deployment = await TestDeployment.create({
      leaseSeconds,
      definition: { retryStrategy: { attempts: 2 } },
    })
    const queue = await deployment.queue()
    const { agent, jobId, instanceId } = await runningJob(deployment, queue)
    await cut(agent)
    const other = await ScriptedAgent.connect(deployment.environment())
    advance(10 * minuteMs + 1)
    // The other host is heard of; the first is not.
    other.hello()
    await other.until('it is welcomed again', () => other.received.length === 2)
    expect(await runDurableObjectAlarm(deployment.environment())).toBe(true)
    other.ended((await other.given(1))[0]!.attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      attempts: [
        { instanceId, statusReason: `Host EC2 (instance ${instanceId}) terminated.` },
        { instanceId: formatInstanceId(other.instanceId), exitCode: 0 },
      ],
    })
    expect((await deployment.environment().describeHosts()).length).toBe(1)
  })

  it('must stop what was given up when it comes back too late', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds })
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    await cut(agent)
    advance(10 * minuteMs + 1)
    await runDurableObjectAlarm(deployment.environment())
    expect((await deployment.ended(jobId)).state).toBe('FAILED')
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId: agent.instanceId,
      attempts: [{ attemptId, state: 'running', startedAt: 100 }],
    })
    const { stop } = await back.heard('welcome')
    expect(stop).toEqual([{ attemptId, reason: 'Not placed on this host any more' }])
    back.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    await back.until('the end is settled', () => back.settled.includes(attemptId))
    expect((await deployment.describe(jobId)).attempts.length).toBe(1)
  })

  it('is lost also when its socket was never closed and the environment slept meanwhile', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds })
    const queue = await deployment.queue()
    const { agent, jobId } = await runningJob(deployment, queue)
    await evictDurableObject(deployment.environment())
    advance(10 * minuteMs + 1)
    expect(await runDurableObjectAlarm(deployment.environment())).toBe(true)
    expect((await deployment.ended(jobId)).state).toBe('FAILED')
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    expect(agent.closed).toEqual({ code: 4001, reason: 'lease expired' })
  })

  it('gets a whole new lease when it was the server that was away', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds })
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    await evictDurableObject(deployment.environment(), { webSockets: 'close' })
    advance(60 * minuteMs)
    await runDurableObjectAlarm(deployment.environment())
    const attempts = [{ attemptId, state: 'running', startedAt: 100 }] as const
    const { instanceId } = agent
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId,
      attempts: [...attempts],
    })
    expect((await back.heard('welcome')).stop).toEqual([])
    expect((await deployment.describe(jobId)).state).toBe('RUNNING')
  })
})

describe('a host whose agent started anew', () => {
  it('that has never heard of an attempt is given it again', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const jobId = await deployment.submit(queue)
    const [start] = await agent.given(1)
    await deployment.inState(jobId, 'STARTING')
    await cut(agent)
    const back = await ScriptedAgent.connect(deployment.environment(), { instanceId: agent.instanceId })
    expect((await back.given(1))[0]).toEqual(start)
    back.ended(start!.attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED', attempts: [{ exitCode: 0 }] })
  })

  it('that has lost a running attempt has it counted as failed', async () => {
    const deployment = await TestDeployment.create({ definition: { retryStrategy: { attempts: 2 } } })
    const queue = await deployment.queue()
    const { agent, jobId, instanceId } = await runningJob(deployment, queue)
    await cut(agent)
    const back = await ScriptedAgent.connect(deployment.environment(), { instanceId: agent.instanceId })
    const [again] = await back.given(1)
    expect(again!.environment.AWS_BATCH_JOB_ATTEMPT).toBe('2')
    expect((await deployment.describe(jobId)).attempts).toMatchObject([
      { statusReason: `Host EC2 (instance ${instanceId}) terminated.` },
    ])
  })

  it('replaces its old connection, which is heard no more', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId: agent.instanceId,
      attempts: [{ attemptId, state: 'running', startedAt: 100 }],
    })
    await agent.until('the old socket is closed', () => agent.closed !== undefined)
    expect(agent.closed).toEqual({ code: 4000, reason: 'replaced by a new connection' })
    await queue.stub().terminateJob(targetOf(jobId), 'enough')
    await back.heard('stop')
    expect(agent.stops).toEqual([])
    expect(await deployment.environment().describeHosts()).toMatchObject([
      { state: 'connected', attempts: [attemptId] },
    ])
  })

  it('is told again what to stop', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    await cut(agent)
    await queue.stub().terminateJob(targetOf(jobId), 'enough')
    await vi.waitFor(async () => expect((await deployment.describe(jobId)).isTerminated).toBe(true))
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId: agent.instanceId,
      attempts: [{ attemptId, state: 'running', startedAt: 100 }],
    })
    await back.until('it is told to stop', () => {
      const told = back.received.flatMap((message) => (message.type === 'welcome' ? message.stop : []))
      return [...told, ...back.stops].some((stop) => stop.attemptId === attemptId)
    })
  })
})

describe('an environment that slept', () => {
  it('asks hosts for a new hello and then goes on', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { agent, jobId, attemptId } = await runningJob(deployment, queue)
    const waiting = await deployment.submit(queue)
    await evictDurableObject(deployment.environment())
    agent.ended(attemptId)
    await agent.heard('identify')
    agent.hello([{ attemptId, state: 'ended', report: endOf(attemptId) }])
    expect((await deployment.ended(jobId)).state).toBe('SUCCEEDED')
    agent.ended((await agent.given(2))[1]!.attemptId)
    expect((await deployment.ended(waiting)).state).toBe('SUCCEEDED')
  })
})

describe('an agent’s reports', () => {
  it('before its hello are not taken', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { jobId, attemptId } = await runningJob(deployment, queue)
    const stranger = await ScriptedAgent.dial(deployment.environment())
    stranger.ended(attemptId)
    stranger.hello()
    await stranger.heard('welcome')
    expect((await deployment.describe(jobId)).state).toBe('RUNNING')
    expect(stranger.settled).toEqual([])
  })

  it('on attempts of another deployment are settled, so that it may erase them', async () => {
    const deployment = await TestDeployment.create()
    const agent = await ScriptedAgent.connect(deployment.environment())
    agent.ended('0'.repeat(32))
    await agent.heard('settled')
    expect(agent.settled).toEqual(['0'.repeat(32)])
  })
})
