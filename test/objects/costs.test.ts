import { evictDurableObject, runDurableObjectAlarm, SELF } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { ScriptedAgent } from '../support/object-agent.ts'
import { CostMeter, httpRequestEquivalents, objectRequests } from '../support/object-costs.ts'
import { TestDeployment, type TestQueue } from '../support/object-deployment.ts'

/** Submits over HTTP, as a client does. Returns the job's id. */
async function submit(deployment: TestDeployment, queue: TestQueue, members: object = {}): Promise<string> {
  const response = await SELF.fetch('http://longshore/v1/submitjob', {
    method: 'POST',
    headers: { authorization: `Bearer ${env.ADMIN_TOKEN}` },
    body: JSON.stringify({
      jobName: 'job',
      jobQueue: queue.name,
      jobDefinition: deployment.definition,
      ...members,
    }),
  })
  const { jobId, message } = await response.json<{ jobId?: string; message?: string }>()
  if (jobId === undefined) throw new Error(message)
  return jobId
}

describe('costs', () => {
  it('single warm', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(await submit(deployment, queue))
    const meter = await CostMeter.start(deployment, queue)
    await deployment.ended(await submit(deployment, queue))
    const costs = await meter.take()
    console.log('warm', costs, objectRequests(costs), httpRequestEquivalents(costs, 1))
  })
  it('single awake first', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    const meter = await CostMeter.start(deployment, queue)
    await deployment.ended(await submit(deployment, queue))
    await runDurableObjectAlarm(queue.stub())
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 600_001 })
    await runDurableObjectAlarm(deployment.environment())
    vi.useRealTimers()
    const costs = await meter.take()
    console.log('first', costs, objectRequests(costs), httpRequestEquivalents(costs, 1))
  })
  it('single cold', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(await submit(deployment, queue))
    await runDurableObjectAlarm(queue.stub())
    let now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 600_001 })
    await runDurableObjectAlarm(deployment.environment())
    vi.useRealTimers()
    const meter = await CostMeter.start(deployment, queue)
    const sleep = () =>
      meter.asleep(async () => {
        await evictDurableObject(queue.stub())
        await evictDurableObject(deployment.environment())
      })
    await sleep()
    // CostMeter.start woke both
    const jobId = await submit(deployment, queue)
    await agent.heard('identify')
    agent.hello()
    await deployment.ended(jobId)
    await sleep()
    await runDurableObjectAlarm(queue.stub())
    now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 600_001 })
    await runDurableObjectAlarm(deployment.environment())
    vi.useRealTimers()
    const costs = await meter.take()
    console.log('cold', costs, objectRequests(costs), httpRequestEquivalents(costs, 1))
  })
  it('stream', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 64, run: () => 0 })
    await deployment.ended(await submit(deployment, queue))
    const meter = await CostMeter.start(deployment, queue)
    const ids: string[] = []
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (ids.length < 1_000) {
          ids.push('')
          ids.push(await submit(deployment, queue))
          ids.splice(ids.indexOf(''), 1)
        }
      }),
    )
    for (const id of ids) await deployment.ended(id)
    const costs = await meter.take()
    console.log(
      'stream',
      ids.length,
      costs,
      objectRequests(costs) / 1000,
      httpRequestEquivalents(costs, ids.length) / 1000,
    )
  })
  it('array', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 64, run: () => 0 })
    await deployment.ended(await submit(deployment, queue))
    const meter = await CostMeter.start(deployment, queue)
    const id = await submit(deployment, queue, { arrayProperties: { size: 1_000 } })
    await deployment.ended(id)
    const costs = await meter.take()
    console.log('array', costs, objectRequests(costs), httpRequestEquivalents(costs, 1))
  })
})
