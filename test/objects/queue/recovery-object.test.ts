import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { HostReport } from '../../../src/core/model/attempt.ts'
import { EnvironmentObject } from '../../../src/objects/environment/environment-object.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { type QueueStub, TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

/** Ends the object as a crash would, after what it has committed. */
async function abort(stub: QueueStub): Promise<void> {
  const crashed = runInDurableObject(stub, (_, state) => state.abort('crash'))
  await crashed.catch(() => undefined)
}

const ways: [string, (queue: TestQueue) => Promise<void>][] = [
  ['an eviction', (queue) => evictDurableObject(queue.stub())],
  ['a crash', (queue) => abort(queue.stub())],
]

describe.each(ways)('after %s', (_, interrupt) => {
  it('a queue tells the same of every job as before, and goes on', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const array = await deployment.submit(queue, { arrayProperties: { size: 3 } })
    const jobs = [array, ...[0, 1, 2].map((index) => `${array}:${index}`)]
    for (let i = 0; i < 3; i++) jobs.push(await deployment.submit(queue))
    const waiting = await deployment.submit(queue, { dependsOn: [{ jobId: array }] })
    jobs.push(waiting)
    const [first, second, third, fourth] = await agent.given(4)
    agent.started(first!.attemptId)
    agent.ended(second!.attemptId)
    await deployment.ended(`${array}:1`)
    await agent.given(5)
    // RUNNING, SUCCEEDED, STARTING, STARTING, STARTING, RUNNABLE, PENDING
    // What hosts lacked at the last try is memory's alone.
    const viewOf = async (jobId: string) => {
      const { statusReason, ...view } = await deployment.describe(jobId)
      return statusReason?.startsWith('CAPACITY:BUSY') ? view : { ...view, statusReason }
    }
    const views = () => Promise.all(jobs.map(viewOf))
    const before = await views()
    await interrupt(queue)
    // When the summary changed last is memory's alone.
    const summary = { ...before[0]!.array, summaryUpdatedAt: expect.any(Number) }
    expect(await views()).toEqual([{ ...before[0], array: summary }, ...before.slice(1)])
    for (const { attemptId } of [first!, third!, fourth!]) agent.ended(attemptId)
    for (const { attemptId } of (await agent.given(6)).slice(4)) agent.ended(attemptId)
    agent.ended((await agent.given(7))[6]!.attemptId)
    expect((await deployment.ended(waiting)).state).toBe('SUCCEEDED')
    expect(new Set(agent.starts.map(({ attemptId }) => attemptId)).size).toBe(7)
  })

  it('a job that is stopped while it is being placed is still known to run', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const request = { arrayProperties: { size: 3 }, dependsOn: [{ type: 'SEQUENTIAL' as const }] }
    const jobId = await deployment.submit(queue, request)
    const [start] = await agent.given(1)
    await queue.stub().cancelJob(targetOf(`${jobId}:2`), 'not needed')
    await interrupt(queue)
    expect((await deployment.describe(`${jobId}:0`)).state).toBe('STARTING')
    agent.ended(start!.attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      array: { summary: { SUCCEEDED: 1, FAILED: 2 } },
    })
    expect(agent.stops).toEqual([])
  })
})

describe('a job accepted just before a crash', () => {
  it('is placed by the alarm', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(await deployment.submit(queue))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const place = vi.spyOn(EnvironmentObject.prototype, 'place').mockRejectedValueOnce(new Error('crashing'))
    const jobId = await deployment.submit(queue)
    await vi.waitFor(() => expect(place).toHaveBeenCalled())
    await abort(queue.stub())
    expect(await runDurableObjectAlarm(queue.stub())).toBe(true)
    await agent.until('the job is placed', () => agent.starts.length === 2)
    expect((await deployment.ended(jobId)).state).toBe('SUCCEEDED')
    vi.restoreAllMocks()
  })
})

describe('reports', () => {
  const instanceId = 'i-00000000000000001'
  const end = {
    instanceId,
    kind: 'ended',
    cause: 'exited',
    startedAt: 100,
    stoppedAt: 200,
    exitCode: 0,
  } as const

  it('that are doubled or out of order change nothing a second time', async () => {
    const deployment = await TestDeployment.create({ definition: { retryStrategy: { attempts: 2 } } })
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const jobId = await deployment.submit(queue)
    const { attemptId } = (await agent.given(1))[0]!
    const report = (...reports: object[]) =>
      queue.stub().report(
        deployment.environmentNumber,
        reports.map((one) => ({ ...one, attemptId }) as HostReport),
      )
    const started = { instanceId, kind: 'started', startedAt: 100 } as const
    const superseded = [{ attemptId, reason: 'The job has ended or its attempt was superseded' }]
    expect(await report(started, started)).toEqual({ settled: [], stop: [] })
    expect(await report({ ...end, exitCode: 1 } as const)).toEqual({ settled: [attemptId], stop: [] })
    const retried = await deployment.describe(jobId)
    expect(await report(end, started)).toEqual({ settled: [attemptId], stop: superseded })
    expect((await deployment.describe(jobId)).attempts).toEqual(retried.attempts)
    expect(retried.attempts).toMatchObject([{ exitCode: 1 }])
  })

  it('write nothing when they say nothing new', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(await deployment.submit(queue))
    const { attemptId } = agent.starts[0]!
    const before = await queue.stub().rowsWritten()
    await queue.stub().report(deployment.environmentNumber, [{ ...end, attemptId }])
    expect((await queue.stub().rowsWritten()) - before).toBe(0)
  })

  it('on attempts of another deployment are answered with a stop', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const attemptId = '0'.repeat(32)
    const reason = 'Not an attempt of this deployment'
    expect(await queue.stub().report(deployment.environmentNumber, [{ ...end, attemptId }])).toEqual({
      settled: [attemptId],
      stop: [{ attemptId, reason }],
    })
  })
})
