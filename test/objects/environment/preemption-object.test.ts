import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { formatAttemptId, formatInstanceId } from '../../../src/core/model/ids.ts'
import type { PlaceRequest } from '../../../src/objects/environment/environment-rpc.ts'
import { aSpec } from '../../support/attempts.ts'
import { aMultiNodeBody } from '../../support/builders.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)
afterEach(() => {
  vi.useRealTimers()
})

const preemption = { preemption: ['LOWER_QUEUES' as const] }

/** A host of as many vCPUs full of RUNNING jobs of a queue of low priority, and a queue of high priority that may preempt. */
async function fullHost(vcpus = 1) {
  const deployment = await TestDeployment.create({ leaseSeconds: 600 })
  const low = await deployment.queue({ priority: 1 })
  const high = await deployment.queue({ priority: 10, schedulingSettings: preemption })
  const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus })
  const jobs: string[] = []
  for (let i = 0; i < vcpus; i++) {
    jobs.push(await deployment.submit(low))
    agent.started((await agent.given(i + 1))[i]!.attemptId)
    await deployment.inState(jobs[i]!, 'RUNNING')
  }
  const attempts = agent.starts.map(({ attemptId }) => attemptId)
  return { deployment, low, high, agent, jobs, attempts }
}

async function stopped(agent: ScriptedAgent, count = 1) {
  await agent.until('it is told to stop', () => agent.stops.length >= count)
  return agent.stops
}

const reasonOf = ({ name }: TestQueue, jobId: string) =>
  `Preempted: job queue ${name} wants its room for job ${jobId}`

describe('a job that finds no room, of a queue that may preempt', () => {
  it('gets that of the youngest attempt of a lower queue, which goes back to the front and is not counted', async () => {
    const { deployment, low, high, agent, jobs, attempts } = await fullHost(2)
    const behind = await deployment.submit(low)
    const urgent = await deployment.submit(high)
    expect(await stopped(agent)).toEqual([{ attemptId: attempts[1], reason: reasonOf(high, urgent) }])
    expect((await deployment.describe(urgent)).state).toBe('RUNNABLE')
    agent.ended(attempts[1]!, { cause: 'stopped', exitCode: 143 })
    const given = (await agent.given(3))[2]!
    expect(given.environment).toMatchObject({ AWS_BATCH_JQ_NAME: high.name })
    const victim = await deployment.inState(jobs[1]!, 'RUNNABLE')
    expect(victim.attempts).toMatchObject([
      { attemptId: attempts[1], exitCode: 143, statusReason: reasonOf(high, urgent) },
    ])
    agent.started(given.attemptId)
    agent.ended(given.attemptId)
    await deployment.ended(urgent)
    const again = (await agent.given(4))[3]!
    expect(again.environment).toMatchObject({ AWS_BATCH_JOB_ID: jobs[1], AWS_BATCH_JOB_ATTEMPT: '2' })
    agent.ended(again.attemptId)
    expect(await deployment.ended(jobs[1]!)).toMatchObject({ state: 'SUCCEEDED', attempts: [{}, {}] })
    expect((await agent.given(5))[4]!.environment).toMatchObject({ AWS_BATCH_JOB_ID: behind })
  })

  it('gets none of a queue of its own priority, nor without having been told to preempt', async () => {
    const { deployment, low, high, agent } = await fullHost(2)
    const equal = await deployment.queue({ priority: 1, schedulingSettings: preemption })
    const modest = await deployment.queue({ priority: 5 })
    for (const queue of [equal, modest, low]) {
      await deployment.submit(queue)
      await queue.stub().wake(deployment.environmentNumber, true)
    }
    const urgent = await deployment.submit(high)
    await stopped(agent)
    expect(agent.stops).toMatchObject([{ reason: reasonOf(high, urgent) }])
  })

  it('asks for no more room than it needs, however often it asks', async () => {
    const { deployment, high, agent, attempts } = await fullHost(3)
    const urgent = [await deployment.submit(high), await deployment.submit(high)]
    await high.stub().wake(deployment.environmentNumber, true)
    expect((await stopped(agent, 2)).map(({ attemptId }) => attemptId)).toEqual([attempts[2], attempts[1]])
    for (let i = 0; i < 3; i++) await high.stub().wake(deployment.environmentNumber, true)
    expect(agent.stops).toHaveLength(2)
    for (const attemptId of attempts.slice(1)) agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    const given = (await agent.given(5)).slice(3)
    for (const { environment } of given) expect(environment).toMatchObject({ AWS_BATCH_JQ_NAME: high.name })
    expect(new Set(given.map(({ environment }) => environment.AWS_BATCH_JOB_ID))).toEqual(new Set(urgent))
  })
})

describe('a job for which room is being made', () => {
  it('says who makes it, and by when at the latest; one behind it of the same kind does not', async () => {
    const { deployment, high, agent, attempts } = await fullHost(2)
    const wants = { containerOverrides: { resourceRequirements: [{ type: 'VCPU' as const, value: '2' }] } }
    const before = Date.now()
    const urgent = await deployment.submit(high, wants)
    await stopped(agent, 2)
    const behind = await deployment.submit(high, wants)
    const told = / room now.*; 2 attempts have been told to stop to make room for it, by (\S+) at the latest$/
    const { statusReason } = await deployment.until(urgent, (view) => told.test(view.statusReason ?? ''))
    const by = Date.parse(told.exec(statusReason!)![1]!)
    expect(by).toBeGreaterThanOrEqual(before)
    expect(by).toBeLessThanOrEqual(Date.now() + 120_000)
    const explanation = (await high.stub().explainJob(targetOf(urgent)))!
    expect(explanation).toMatchObject({
      waitingFor: [{ kind: 'CAPACITY', text: expect.stringContaining('2 attempts have been told to stop') }],
      computeEnvironments: [{ roomBeingMade: { attempts: 2, expectedAt: by } }],
      estimatedStart: { at: by, basis: expect.stringContaining('room is being made for it') },
    })
    const after = await deployment.until(behind, (view) => view.statusReason !== undefined)
    expect(after.statusReason).toMatch(/^CAPACITY:BUSY/)
    expect(after.statusReason).not.toMatch(/for it/)
    const [environment] = (await high.stub().explainJob(targetOf(behind)))!.computeEnvironments!
    expect(environment).not.toHaveProperty('roomBeingMade')
    agent.ended(attempts[1]!, { cause: 'stopped', exitCode: 143 })
    const one = /; 1 attempt has been told to stop/
    await deployment.until(urgent, (view) => one.test(view.statusReason ?? ''))
  })
})

describe('an attempt that has been told to make room', () => {
  it('has succeeded if it had ended well before', async () => {
    const { deployment, high, agent, jobs, attempts } = await fullHost()
    await deployment.submit(high)
    await stopped(agent)
    agent.ended(attempts[0]!, { exitCode: 0 })
    expect(await deployment.ended(jobs[0]!)).toMatchObject({ state: 'SUCCEEDED', attempts: [{}] })
  })

  it('ends for good if a client terminates its job meanwhile', async () => {
    const { deployment, low, high, agent, jobs, attempts } = await fullHost()
    await deployment.submit(high)
    await stopped(agent)
    await low.stub().terminateJob(targetOf(jobs[0]!), 'enough')
    agent.ended(attempts[0]!, { cause: 'stopped', exitCode: 143 })
    expect(await deployment.ended(jobs[0]!)).toMatchObject({ state: 'FAILED', statusReason: 'enough' })
  })

  it('is told again when its host is back, and is known as preempted after a start anew', async () => {
    const { deployment, high, agent, jobs, attempts } = await fullHost()
    const urgent = await deployment.submit(high)
    await stopped(agent)
    agent.close()
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    await evictDurableObject(deployment.environment())
    const [attemptId] = attempts
    const { instanceId } = agent
    const back = await ScriptedAgent.connect(deployment.environment(), {
      instanceId,
      vcpus: 1,
      attempts: [{ attemptId: attemptId!, state: 'running', startedAt: 100 }],
    })
    expect(await back.heard('welcome')).toMatchObject({
      stop: [{ attemptId, reason: reasonOf(high, urgent) }],
    })
    back.ended(attemptId!, { cause: 'stopped', exitCode: 137 })
    const { attempts: made } = await deployment.until(jobs[0]!, (view) => view.attempts.length === 1)
    expect(made).toMatchObject([{ exitCode: 137, statusReason: reasonOf(high, urgent) }])
    expect((await back.given(1))[0]!.environment).toMatchObject({ AWS_BATCH_JQ_NAME: high.name })
  })

  it('is not counted either if its host is lost meanwhile', async () => {
    const { deployment, high, agent, jobs } = await fullHost()
    const urgent = await deployment.submit(high)
    await stopped(agent)
    agent.close()
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_001 })
    expect(await runDurableObjectAlarm(deployment.environment())).toBe(true)
    const { attempts } = await deployment.until(jobs[0]!, (view) => view.attempts.length === 1)
    expect(attempts).toMatchObject([
      { instanceId: formatInstanceId(agent.instanceId), statusReason: reasonOf(high, urgent) },
    ])
    expect((await deployment.describe(jobs[0]!)).state).toBe('RUNNABLE')
  })
})

describe('a multi-node job that has to make room', () => {
  /** Two hosts of one vCPU, the main node's first, and a job of two nodes on them. */
  async function placedGang() {
    const deployment = await TestDeployment.create()
    const low = await deployment.queue({ priority: 1 })
    const high = await deployment.queue({ priority: 10, schedulingSettings: preemption })
    const connect = () => ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const agents = [await connect(), await connect()]
    await deployment.registerAnew(aMultiNodeBody(2))
    const jobId = await deployment.submit(low)
    await Promise.race(agents.map((agent) => agent.given(1)))
    const main = agents.find(({ starts }) => starts.length > 0)!
    const other = agents.find((agent) => agent !== main)!
    await deployment.register({ type: 'container' })
    return { deployment, high, jobId, main, other, mainId: main.starts[0]!.attemptId }
  }

  it('does so as a whole, and starts again as a whole', async () => {
    const { deployment, high, jobId, main, other, mainId } = await placedGang()
    main.started(mainId)
    const otherId = (await other.given(1))[0]!.attemptId
    other.started(otherId)
    await deployment.inState(`${jobId}#1`, 'RUNNING')
    const urgent = await deployment.submit(high)
    expect(await stopped(main)).toEqual([{ attemptId: mainId, reason: reasonOf(high, urgent) }])
    expect(await stopped(other)).toEqual([{ attemptId: otherId, reason: reasonOf(high, urgent) }])
    other.ended(otherId, { cause: 'stopped', exitCode: 143 })
    main.ended(mainId, { cause: 'stopped', exitCode: 143 })
    const { attempts } = await deployment.until(jobId, (view) => view.attempts.length === 1)
    expect(attempts).toMatchObject([{ statusReason: reasonOf(high, urgent) }])
    expect((await deployment.describe(`${jobId}#1`)).attempts).toMatchObject([
      { statusReason: reasonOf(high, urgent) },
    ])
    const host = await Promise.race([main, other].map(async (agent) => (await agent.given(2)) && agent))
    const given = host.starts[1]!
    expect(given.environment.AWS_BATCH_JOB_ID).toBe(urgent)
    host.ended(given.attemptId)
    await Promise.race([main.given(host === main ? 3 : 2), other.given(host === other ? 3 : 2)])
    const again = [...main.starts, ...other.starts].map(({ environment }) => environment)
    expect(again).toContainEqual(
      expect.objectContaining({ AWS_BATCH_JOB_NODE_INDEX: '0', AWS_BATCH_JOB_ATTEMPT: '2' }),
    )
  })

  it('gives up the room of nodes that have not begun', async () => {
    const { deployment, high, jobId, main, other, mainId } = await placedGang()
    const urgent = await deployment.submit(high)
    await stopped(main)
    main.started(mainId)
    main.ended(mainId, { cause: 'stopped', exitCode: 143 })
    const host = await Promise.race([main.given(2).then(() => main), other.given(1).then(() => other)])
    expect(host.starts.at(-1)!.environment.AWS_BATCH_JOB_ID).toBe(urgent)
    expect(other.stops).toEqual([])
    expect(await deployment.inState(jobId, 'RUNNABLE')).toMatchObject({
      attempts: [{ statusReason: reasonOf(high, urgent) }],
    })
    host.ended(host.starts.at(-1)!.attemptId)
    await deployment.inState(jobId, 'STARTING')
  })
})

describe('shares of a queue that reclaim from each other', () => {
  it('get what they are entitled to, and leave the others what they are', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({}, { schedulingSettings: { preemption: ['SHARES'] } })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const submit = (shareIdentifier: string) => deployment.submit(queue, { shareIdentifier })
    for (let i = 0; i < 6; i++) await submit('red')
    const red = (await agent.given(4)).map(({ attemptId }) => attemptId)
    const blue: string[] = []
    for (let i = 0; i < 4; i++) blue.push(await submit('blue'))
    for (let i = 0; i < 3; i++) await queue.stub().wake(deployment.environmentNumber, true)
    const victims = (await stopped(agent, 2)).map(({ attemptId }) => attemptId)
    expect(new Set(victims)).toEqual(new Set(red.slice(2)))
    const reasons = agent.stops.map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(new Set(blue.slice(0, 2).map((jobId) => reasonOf(queue, jobId))))
    for (const attemptId of victims) agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    const given = (await agent.given(6)).slice(4)
    for (const { environment } of given)
      expect(await deployment.describe(environment.AWS_BATCH_JOB_ID!)).toMatchObject({
        shareIdentifier: 'blue',
      })
    for (let i = 0; i < 3; i++) await queue.stub().wake(deployment.environmentNumber, true)
    expect(agent.stops).toHaveLength(2)
  })
})

describe('a share of which some is on its way out without its queue knowing', () => {
  it('is left with what it is entitled to', async () => {
    const deployment = await TestDeployment.create()
    const { number } = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const { session } = await deployment.environment().openSession(number)
    const idOf = (seq: number) => formatAttemptId({ queue: number, seq, attempt: 1 }, env.DEPLOYMENT_SALT)
    const resources = { cpuMilli: 1_000, memoryMiB: 100, gpuMilli: 0, diskMiB: 0 }
    const place = (seqs: number[], more: Pick<PlaceRequest, 'excess'> = {}) =>
      deployment.environment().place({
        queue: number,
        session,
        specs: [aSpec('true', { resources })],
        asks: seqs.map((seq) => ({ attemptId: idOf(seq), spec: 0, environment: {}, reclaims: true })),
        ...more,
      })
    await place([1, 2, 3, 4])
    const attempts = [1, 2, 3, 4].map((seq): [string, number] => [idOf(seq), 1])
    const excess = [{ excess: 2, attempts }]
    expect(await place([5], { excess })).toMatchObject({ preempted: [expect.any(String)] })
    // As if the answer had been lost: the queue counts on all four still.
    expect(await place([5, 6, 7], { excess })).toMatchObject({ preempted: [expect.any(String)] })
    expect(await place([5, 6, 7], { excess })).not.toHaveProperty('preempted')
    expect(await stopped(agent, 2)).toHaveLength(2)
  })
})
