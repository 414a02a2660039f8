import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)
afterEach(() => {
  vi.useRealTimers()
})

const misfit = 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT'
const capacity = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'
const action = (reason: string) => ({ reason, state: 'RUNNABLE', maxTimeSeconds: 600, action: 'CANCEL' })
const large = { containerOverrides: { resourceRequirements: [{ type: 'VCPU' as const, value: '64' }] } }

function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
}

/** What the queue keeps about its blocked head. */
async function remembered(queue: TestQueue): Promise<{ seq: number; reason: string } | undefined> {
  const rows = await runInDurableObject(queue.stub(), (_, { storage }) =>
    storage.sql.exec("SELECT value FROM settings WHERE key = 'blockedHead'").toArray(),
  )
  return rows[0] && JSON.parse(String(rows[0].value))
}

/** The object counts as settled in, and has looked at its head. */
async function settle(queue: TestQueue, deployment: TestDeployment): Promise<void> {
  later(11)
  await queue.stub().wake(deployment.environmentNumber, false)
}

describe('a job at the head that no host can hold', () => {
  it('is cancelled when its time is over, also by an object that has started anew', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ jobStateTimeLimitActions: [action(misfit)] })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2, run: () => 0 })
    const jobId = await deployment.submit(queue, large)
    await deployment.until(jobId, ({ statusReason }) => statusReason?.startsWith(misfit) === true)
    await settle(queue, deployment)
    expect(await remembered(queue)).toMatchObject({ seq: 1, reason: misfit })
    await evictDurableObject(queue.stub())
    later(601)
    agent.hello()
    await runDurableObjectAlarm(queue.stub())
    await deployment.until(jobId, ({ statusReason }) => statusReason?.startsWith(misfit) === true)
    // Agents may still be on their way back to what has started anew.
    expect((await deployment.describe(jobId)).state).toBe('RUNNABLE')
    await settle(queue, deployment)
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      statusReason: `Canceled by JobStateTimeLimit action due to reason: ${misfit}`,
      isCancelled: true,
      attempts: [],
    })
    await queue.stub().wake(deployment.environmentNumber, false)
    expect(await remembered(queue)).toBeUndefined()
  })

  it('is left alone where no action is for the reason', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ jobStateTimeLimitActions: [action(capacity)] })
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const jobId = await deployment.submit(queue, large)
    await deployment.until(jobId, ({ statusReason }) => statusReason?.startsWith(misfit) === true)
    await settle(queue, deployment)
    later(90_000)
    await queue.stub().wake(deployment.environmentNumber, false)
    expect((await deployment.describe(jobId)).state).toBe('RUNNABLE')
  })
})

describe('a job at the head while no host is connected', () => {
  it('is cancelled when its time is over, and the next one has a time of its own', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ jobStateTimeLimitActions: [action(capacity)] })
    const jobId = await deployment.submit(queue)
    const next = await deployment.submit(queue)
    await settle(queue, deployment)
    expect(await remembered(queue)).toMatchObject({ seq: 1, reason: capacity })
    later(601)
    await queue.stub().wake(deployment.environmentNumber, false)
    expect((await deployment.ended(jobId)).statusReason).toBe(
      `Canceled by JobStateTimeLimit action due to reason: ${capacity}`,
    )
    await queue.stub().wake(deployment.environmentNumber, false)
    expect(await remembered(queue)).toMatchObject({ seq: 2 })
    expect((await deployment.describe(next)).state).toBe('RUNNABLE')
  })

  it('is not counted as waiting in vain for a host that is busy', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ jobStateTimeLimitActions: [action(capacity), action(misfit)] })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    await deployment.submit(queue)
    await agent.given(1)
    await deployment.submit(queue)
    await settle(queue, deployment)
    expect(await remembered(queue)).toBeUndefined()
  })
})

describe('a job that wants more than its environment may have', () => {
  it('says so, whether or not hosts are connected', async () => {
    const deployment = await TestDeployment.create({ maxvCpus: 8 })
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, large)
    const reason =
      'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - The job wants 64 vCPU, the compute environment has 8 at most'
    await deployment.until(jobId, ({ statusReason }) => statusReason === reason)
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await deployment.until(jobId, ({ statusReason }) => statusReason === reason)
    expect((await deployment.describe(jobId)).state).toBe('RUNNABLE')
  })
})

describe('a queue that is blocked', () => {
  it('is recorded once its head has waited for one reason for half a minute, and only once', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const jobId = await deployment.submit(queue, large)
    await deployment.until(jobId, ({ statusReason }) => statusReason?.startsWith(misfit) === true)
    await settle(queue, deployment)
    const query = { queue: queue.name, maxResults: 10 }
    expect(await queue.stub().blockedEvents(query)).toEqual({ ok: true, value: [] })
    for (const _ of [1, 2]) {
      later(31)
      await queue.stub().wake(deployment.environmentNumber, false)
    }
    const events = await queue.stub().blockedEvents(query)
    expect(events).toMatchObject({ ok: true, value: [{ id: 1, job: { jobId, state: 'RUNNABLE' } }] })
    if (events.ok) expect(events.value[0]!.job.statusReason).toMatch(misfit)
    const behind = await queue.stub().blockedEvents({ ...query, before: 1 })
    expect(behind).toEqual({ ok: true, value: [] })
  })
})
