import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import worker from '../../src/worker.ts'
import { ScriptedAgent } from '../support/object-agent.ts'
import { CostMeter, httpRequestEquivalents, objectRequests } from '../support/object-costs.ts'
import { TestDeployment, type TestQueue } from '../support/object-deployment.ts'
import { resetObjects } from '../support/object-reset.ts'

beforeAll(resetObjects)

/** The design's budget for a single job from submit to end; a request is an HTTP request to the Worker and on. */
const budget = { rows: 6, requests: 4 }

type System = { deployment: TestDeployment; queue: TestQueue; agent: ScriptedAgent }

/** A system with one host, which has run a job before. `run`: the host reports by itself, start and end at once. */
async function aSystem(vcpus: number, run?: () => number): Promise<System> {
  const deployment = await TestDeployment.create()
  const queue = await deployment.queue()
  const agent = await ScriptedAgent.connect(deployment.environment(), run ? { vcpus, run } : { vcpus })
  const system = { deployment, queue, agent }
  const jobId = await submit(system)
  if (!run) agent.ended((await agent.given(1))[0]!.attemptId)
  await deployment.ended(jobId)
  return system
}

const succeed = () => 0

/** Submits over HTTP, as a client does. Returns the job's id. */
async function submit({ deployment, queue }: System, members: object = {}): Promise<string> {
  const { definition: jobDefinition } = deployment
  const request = new Request('http://longshore/v1/submitjob', {
    method: 'POST',
    headers: { authorization: `Bearer ${env.ADMIN_TOKEN}` },
    body: JSON.stringify({ jobName: 'job', jobQueue: queue.name, jobDefinition, ...members }),
  })
  const response = await worker.fetch(request, env as never)
  const { jobId, message } = await response.json<{ jobId?: string; message?: string }>()
  if (jobId === undefined) throw new Error(message)
  return jobId
}

/** Nothing is placed any more, and every alarm has rung. */
async function fallIdle({ deployment, queue }: System): Promise<void> {
  const environment = deployment.environment()
  const leaseEnd = () => runInDurableObject(environment, (_, { storage }) => storage.getAlarm())
  await vi.waitFor(async () => expect(await leaseEnd()).toBeNull(), { timeout: 10_000 })
  const now = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: now + 60_000 })
  await runDurableObjectAlarm(queue.stub())
  vi.useRealTimers()
}

/** Both objects leave memory, as they do after ten seconds without a request. */
async function fallAsleep({ deployment, queue }: System): Promise<void> {
  await evictDurableObject(queue.stub())
  await evictDurableObject(deployment.environment())
}

describe('a single job on an idle system', () => {
  it('costs 6 rows and 4 object requests, 2 HTTP requests in all, and 2 and 1 when the system is idle again', async () => {
    const system = await aSystem(4, succeed)
    await fallIdle(system)
    const meter = await CostMeter.start(system.deployment, system.queue)
    await system.deployment.ended(await submit(system))
    const costs = await meter.soFar()
    // The job and its place in the order 2, the queue's alarm 1, the host 1, its lease's alarm 1, the end 1.
    expect(costs).toEqual({
      rows: 6,
      requests: {
        'queue.submitJob': 1,
        'registry.resolveDefinitions': 1,
        'environment.place': 1,
        'queue.report': 1,
      },
      messages: 1,
    })
    expect(httpRequestEquivalents(costs, 1)).toBeCloseTo(2.017, 3)
    expect(costs.rows).toBeLessThanOrEqual(budget.rows)
    expect(httpRequestEquivalents(costs, 1)).toBeLessThanOrEqual(budget.requests)

    await fallIdle(system)
    const later = await meter.take()
    // The host's row goes; the queue's alarm rings, and is set to when its history is cleared away.
    expect(later.rows).toBe(8)
    expect(later.requests).toEqual({ ...costs.requests, 'queue.alarm': 1 })
  })

  it('costs one row and one object request more where its start and its end are reported apart', async () => {
    const system = await aSystem(4)
    const { deployment, queue, agent } = system
    await fallIdle(system)
    const meter = await CostMeter.start(deployment, queue)
    const jobId = await submit(system)
    const { attemptId } = (await agent.given(2))[1]!
    agent.started(attemptId)
    await deployment.inState(jobId, 'RUNNING')
    agent.ended(attemptId)
    await deployment.ended(jobId)
    const costs = await meter.take()
    expect(costs.rows).toBe(7)
    expect(objectRequests(costs)).toBe(5)
    expect(httpRequestEquivalents(costs, 1)).toBeCloseTo(2.367, 3)
  })

  it('costs 6 rows and 6 to 8 object requests, at most 3.4 HTTP requests in all, where both objects slept', async () => {
    const system = await aSystem(4, succeed)
    const { deployment, queue } = system
    await fallIdle(system)
    const meter = await CostMeter.start(deployment, queue)
    await meter.asleep(() => fallAsleep(system))
    await deployment.ended(await submit(system))
    const costs = await meter.take()
    // A session and a turn more than awake: 6 object requests, or 7 and 8 where the host's hello comes late.
    expect(costs.rows).toBe(6)
    expect(objectRequests(costs)).toBeLessThanOrEqual(8)
    expect(httpRequestEquivalents(costs, 1)).toBeLessThan(3.4)
    expect(httpRequestEquivalents(costs, 1)).toBeLessThanOrEqual(budget.requests)
  })
})

describe('a stream of a thousand single jobs', () => {
  it('costs less than 4 rows and 4 object requests a job', async () => {
    const system = await aSystem(64, succeed)
    const { deployment, queue, agent } = system
    const meter = await CostMeter.start(deployment, queue)
    const jobs = 1_000
    const client = async () => {
      for (let i = 0; i < jobs / 20; i++) await submit(system)
    }
    await Promise.all(Array.from({ length: 20 }, client))
    await agent.until('all have ended', () => agent.settled.length === jobs + 1)
    const costs = await meter.take()
    // Measured: 3.13 rows and 1.38 object requests, 1.13 HTTP requests in all; how much a batch holds is chance.
    expect(costs.rows / jobs).toBeLessThan(4)
    expect(costs.requests['queue.submitJob']).toBe(jobs)
    expect(objectRequests(costs) / jobs).toBeLessThan(4)
  })
})

describe('an array', () => {
  it('of a hundred thousand is accepted with 4 rows', async () => {
    const system = await aSystem(1, succeed)
    const { deployment, queue, agent } = system
    await fallIdle(system)
    agent.close()
    await agent.until('it has left', () => agent.closed !== undefined)
    const meter = await CostMeter.start(deployment, queue)
    await submit(system, { arrayProperties: { size: 100_000 } })
    const costs = await meter.take()
    // The array, its place in the order and among what is PENDING 3, the alarm 1.
    expect(costs.rows).toBe(4)
    expect(objectRequests(costs)).toBeLessThanOrEqual(3)
  })

  it('of a thousand runs to its end with less than a tenth of a row and of a request for each child', async () => {
    const system = await aSystem(64, succeed)
    await fallIdle(system)
    const meter = await CostMeter.start(system.deployment, system.queue)
    await system.deployment.ended(await submit(system, { arrayProperties: { size: 1_000 } }))
    await fallIdle(system)
    const costs = await meter.take()
    // Measured: 48 rows and 38 object requests.
    expect(costs.rows / 1_000).toBeLessThan(0.1)
    expect(objectRequests(costs) / 1_000).toBeLessThan(0.1)
  })
})
