import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { CostMeter } from '../../support/object-costs.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)
afterEach(() => {
  vi.useRealTimers()
})

const day = 86_400_000

/** Lets days pass: the alarm rings until nothing is due any more. Cancelled jobs end at the clock's time. */
async function daysLater(queue: TestQueue, days: number): Promise<void> {
  const now = Date.now() + days * day
  vi.useFakeTimers({ toFake: ['Date'], now })
  for (let at = await alarmAt(queue); at !== null && at <= now; at = await alarmAt(queue))
    await runDurableObjectAlarm(queue.stub())
}

function alarmAt(queue: TestQueue): Promise<number | null> {
  return runInDurableObject(queue.stub(), (_, { storage }) => storage.getAlarm())
}

function rowsOf(queue: TestQueue, table: string): Promise<number> {
  return runInDurableObject(queue.stub(), (_, { storage }) =>
    Number(storage.sql.exec(`SELECT count(*) AS rows FROM ${table}`).one().rows),
  )
}

async function cancelled(deployment: TestDeployment, queue: TestQueue, request = {}): Promise<string> {
  const jobId = await deployment.submit(queue, request)
  await queue.stub().cancelJob(targetOf(jobId), 'over')
  return jobId
}

describe('an ended job', () => {
  it('is there for fourteen days, and then unknown everywhere', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ended = await cancelled(deployment, queue)
    const waiting = await deployment.submit(queue)
    const describe = async (jobId: string) => (await queue.stub().describeJobs([targetOf(jobId)]))[0]
    await daysLater(queue, 13)
    expect(await describe(ended)).toMatchObject({ state: 'FAILED' })
    await daysLater(queue, 2)
    expect(await describe(ended)).toBeUndefined()
    expect(await describe(waiting)).toMatchObject({ state: 'RUNNABLE' })
    expect(await queue.stub().dependencyStates([targetOf(ended)])).toEqual([{ state: 'unknown' }])
    await queue.stub().terminateJob(targetOf(ended), 'again')
    await queue.stub().cancelJob(targetOf(ended), 'again')
    await expect(deployment.submit(queue, { dependsOn: [{ jobId: ended }] })).rejects.toThrow(
      'does not exist',
    )
    const listed = await queue.stub().listJobs({ state: 'FAILED', maxResults: 10 })
    expect(listed).toEqual({ ok: true, value: { jobs: [] } })
  })

  it('takes its children and edges with it, whatever it was', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const array = await deployment.submit(queue, { arrayProperties: { size: 300 } })
    const follower = await deployment.submit(queue, {
      arrayProperties: { size: 300 },
      dependsOn: [{ jobId: array, type: 'N_TO_N' }],
    })
    for (const index of [0, 150, 299]) await queue.stub().cancelJob(targetOf(`${array}:${index}`), 'over')
    await queue.stub().cancelJob(targetOf(array), 'over')
    await deployment.ended(follower)
    expect(await rowsOf(queue, 'child_chunk')).toBeGreaterThan(0)
    await daysLater(queue, 15)
    for (const table of ['job', 'child_chunk', 'dependency', 'watcher', 'timers'])
      expect(await rowsOf(queue, table), table).toBe(0)
    expect((await queue.stub().describeJobs([targetOf(`${array}:0`)]))[0]).toBeUndefined()
  })

  it('takes its token and the indexes of its array with it: the token may be used anew', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const submit = async () => {
      const outcome = await queue.stub().submitJob({
        queue: queue.name,
        definition: { name: deployment.definition },
        request: { jobName: 'job', arrayProperties: { size: 9, indexes: '1,3' } },
        token: 'a',
      })
      return outcome.ok ? outcome.value.jobId : outcome.refusal.message
    }
    const first = await submit()
    await queue.stub().cancelJob(targetOf(first), 'over')
    await daysLater(queue, 13)
    expect(await submit()).toBe(first)
    await daysLater(queue, 2)
    for (const table of ['submit_token', 'array_index']) expect(await rowsOf(queue, table), table).toBe(0)
    expect(targetOf(await submit()).seq).toBe(targetOf(first).seq + 1)
  })

  it('leaves its sequence number to nobody', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const first = await cancelled(deployment, queue)
    await daysLater(queue, 15)
    await evictDurableObject(queue.stub())
    const second = await deployment.submit(queue)
    expect(targetOf(second).seq).toBe(targetOf(first).seq + 1)
  })

  it('may be what an unfinished array followed child by child', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 3 })
    const array = await deployment.submit(queue, { arrayProperties: { size: 2 } })
    const blocker = await deployment.submit(queue)
    const follower = await deployment.submit(queue, {
      arrayProperties: { size: 2 },
      dependsOn: [{ jobId: array, type: 'N_TO_N' }, { jobId: blocker }],
    })
    const [first, second, third] = await agent.given(3)
    agent.ended(first!.attemptId)
    agent.ended(second!.attemptId)
    await deployment.ended(array)
    await daysLater(queue, 15)
    expect((await queue.stub().describeJobs([targetOf(array)]))[0]).toBeUndefined()
    await evictDurableObject(queue.stub())
    agent.ended(third!.attemptId)
    await deployment.ended(blocker)
    for (const { attemptId } of (await agent.given(5)).slice(3)) agent.ended(attemptId)
    expect((await deployment.ended(follower)).state).toBe('SUCCEEDED')
  })
})

describe('the clean-up', () => {
  it('costs a row for each plain job, and rings at most every six hours while there is history', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids = await Promise.all(Array.from({ length: 300 }, () => deployment.submit(queue)))
    for (const jobId of ids) await queue.stub().cancelJob(targetOf(jobId), 'over')
    const waiting = await deployment.submit(queue)
    // Without a host the queue is blocked, which is recorded once.
    await daysLater(queue, 0.5)
    await daysLater(queue, 0.5)
    expect((await alarmAt(queue))! - Date.now()).toBeGreaterThan(12 * day)
    const meter = await CostMeter.start(deployment, queue)
    await daysLater(queue, 14)
    const { rows } = await meter.take()
    expect(await rowsOf(queue, 'job')).toBe(1)
    // A row for each 16 of them, the timer taken and set again, the alarm.
    expect(rows).toBeLessThanOrEqual(300 + 20 + 3)
    expect((await alarmAt(queue))! - Date.now()).toBeGreaterThanOrEqual(6 * 3_600_000)
    await queue.stub().cancelJob(targetOf(waiting), 'over')
    await daysLater(queue, 15)
    await daysLater(queue, 15)
    expect(await alarmAt(queue)).toBeNull()
    expect(await rowsOf(queue, 'job')).toBe(0)
  })

  it('costs an array its chunks, and goes on in slices', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const array = await deployment.submit(queue, { arrayProperties: { size: 1_000 } })
    for (let index = 0; index < 1_000; index += 128)
      await queue.stub().cancelJob(targetOf(`${array}:${index}`), 'over')
    await queue.stub().cancelJob(targetOf(array), 'over')
    const ids = await Promise.all(Array.from({ length: 2_500 }, () => deployment.submit(queue)))
    await Promise.all(ids.map((jobId) => queue.stub().cancelJob(targetOf(jobId), 'over')))
    await daysLater(queue, 1)
    const meter = await CostMeter.start(deployment, queue)
    await daysLater(queue, 14)
    const { rows } = await meter.take()
    expect(await rowsOf(queue, 'job')).toBe(0)
    // The array 1 and its chunks 8, a row for each 16 jobs, the sequence number 1, and 3 for each of three slices.
    expect(rows).toBeLessThanOrEqual(2_500 + 1 + 8 + 158 + 1 + 9)
  })
})
