import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatAttemptId, formatInstanceId } from '../../../src/core/model/ids.ts'
import type { PlaceRequest } from '../../../src/objects/environment/environment-rpc.ts'
import { aSpec } from '../../support/attempts.ts'
import { anOffer } from '../../support/builders.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { type EnvironmentStub, TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const resources = { cpuMilli: 1_000, memoryMiB: 100, gpuMilli: 0, diskMiB: 0 }
const spec = aSpec('true', { resources })

const reportsOf = (members: object) => JSON.stringify({ type: 'reports', reports: [], ...members })

/** Requests to place the first attempts of jobs of a queue that has no jobs. */
async function placing(environment: EnvironmentStub, { number }: TestQueue) {
  const { session } = await environment.openSession(number)
  const attemptId = (seq: number) => formatAttemptId({ queue: number, seq, attempt: 1 }, env.DEPLOYMENT_SALT)
  const request = (...seqs: number[]): PlaceRequest => ({
    queue: number,
    session,
    specs: [spec],
    asks: seqs.map((seq) => ({ attemptId: attemptId(seq), spec: 0, environment: {} })),
  })
  const place = (...seqs: number[]) => environment.place(request(...seqs))
  return { attemptId, request, place }
}

describe('a host that says hello', () => {
  it('is welcomed with the lease, and listed with what it offers', async () => {
    const deployment = await TestDeployment.create({ leaseSeconds: 60 })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    expect(agent.received).toEqual([
      {
        type: 'welcome',
        deployment: expect.stringMatching(/^[0-9a-f-]{36}$/),
        account: { partition: 'aws', region: 'us-east-1', accountId: '000000000000' },
        environment: deployment.environmentName,
        leaseMs: 60_000,
        heartbeatMs: 6_000,
        stop: [],
        forget: [],
      },
    ])
    expect(await deployment.environment().describeHosts()).toEqual([
      {
        instanceId: formatInstanceId(agent.instanceId),
        offer: anOffer(8),
        state: 'connected',
        free: anOffer(8).resources,
        attempts: [],
      },
    ])
  })

  it('is forgotten when it leaves with nothing to do', async () => {
    const deployment = await TestDeployment.create()
    const agent = await ScriptedAgent.connect(deployment.environment())
    agent.close()
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    expect(await deployment.environment().describeHosts()).toEqual([])
  })

  it('has its heartbeats answered, also while the environment sleeps', async () => {
    const deployment = await TestDeployment.create()
    const agent = await ScriptedAgent.connect(deployment.environment())
    await agent.ping()
    await evictDurableObject(deployment.environment())
    await agent.ping()
    expect(agent.pongs).toBe(2)
    expect(agent.received.length).toBe(1)
  })

  it('writes nothing while it has nothing to do', async () => {
    const deployment = await TestDeployment.create()
    const before = await deployment.environment().rowsWritten()
    const agent = await ScriptedAgent.connect(deployment.environment())
    await agent.ping()
    agent.close()
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    expect((await deployment.environment().rowsWritten()) - before).toBe(0)
  })
})

describe('an agent is turned away', () => {
  it.each<[string, string, string]>([
    ['that speaks no JSON', 'hello?', 'not JSON'],
    ['whose message is of no known type', '{"type":"hi"}', 'type'],
    ['whose message lacks a member', '{"type":"reports"}', 'reports'],
    ['that has more images than it may tell', reportsOf({ images: Array(101).fill('a:1') }), 'images'],
    ['that has an image of too long a name', reportsOf({ images: ['a'.repeat(513)] }), 'images.0'],
    ['whose instance id is malformed', '{"type":"hello","protocol":1,"instanceId":"x"}', 'instanceId'],
  ])('%s', async (_, text, why) => {
    const deployment = await TestDeployment.create()
    const agent = await ScriptedAgent.dial(deployment.environment())
    agent.sayText(text)
    expect(await agent.heard('refused')).toMatchObject({
      code: 'bad-message',
      message: expect.stringContaining(why),
    })
    await agent.until('the socket is closed', () => agent.closed !== undefined)
    expect(agent.closed?.code).toBe(4003)
    expect(await deployment.environment().describeHosts()).toEqual([])
  })

  it('that speaks another protocol', async () => {
    const deployment = await TestDeployment.create()
    const agent = await ScriptedAgent.dial(deployment.environment())
    agent.hello([], { protocol: 99 })
    expect(await agent.heard('refused')).toEqual({
      type: 'refused',
      code: 'protocol',
      message: 'this server speaks agent protocol 3',
    })
  })

  it('by an environment that does not exist', async () => {
    const id = env.ENVIRONMENT.idFromName('environment-999')
    const agent = await ScriptedAgent.dial(env.ENVIRONMENT.get(id as never) as EnvironmentStub)
    agent.hello()
    expect(await agent.heard('refused')).toMatchObject({ code: 'not-configured' })
  })

  it('that asks for no WebSocket', async () => {
    const deployment = await TestDeployment.create()
    expect((await deployment.environment().fetch('http://environment/')).status).toBe(426)
  })
})

describe('placing', () => {
  it('fills hosts, in the order asked, and says what has to wait', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { place, attemptId } = await placing(deployment.environment(), queue)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const instanceId = formatInstanceId(agent.instanceId)
    expect(await place(1, 2, 3)).toEqual({
      ok: true,
      placed: [1, 2].map((seq) => ({ attemptId: attemptId(seq), instanceId, runtime: 'docker' })),
      infeasible: [],
      blocked: [
        {
          attemptId: attemptId(3),
          short: expect.arrayContaining([{ what: 'VCPU', wanted: 1, available: 0 }]),
        },
      ],
      over: [],
      standing: 'hosts',
      capacity: expect.objectContaining({ cpuMilli: 2000 }),
    })
    expect((await agent.given(2)).map((start) => start.attemptId)).toEqual([1, 2].map(attemptId))
    expect(await deployment.environment().describeHosts()).toMatchObject([
      { free: { cpuMilli: 0, memoryMiB: 0 }, attempts: [1, 2].map(attemptId) },
    ])
  })

  it('gives parts of a card and whole ones, and tells the agent which cards', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { attemptId, request } = await placing(deployment.environment(), queue)
    const offered = { ...anOffer(8).resources, gpuMilli: 2_000 }
    const agent = await ScriptedAgent.connect(deployment.environment(), { offer: { resources: offered } })
    const wanted = [500, 500, 1_000, 100].map((gpuMilli) =>
      aSpec('true', { resources: { ...resources, gpuMilli } }),
    )
    const asks = wanted.map((_, at) => ({ attemptId: attemptId(at + 1), spec: at, environment: {} }))
    const reply = await deployment.environment().place({ ...request(), specs: wanted, asks })
    expect(reply).toMatchObject({
      blocked: [{ attemptId: attemptId(4), short: [{ what: 'GPU', wanted: 0.1, available: 0 }] }],
    })
    expect((await agent.given(3)).map(({ cards }) => cards)).toEqual([[0], [0], [1]])
  })

  it('honours what a job asks of the kind of host', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { attemptId, request } = await placing(deployment.environment(), queue)
    const offered = { ...anOffer(8).resources, gpuMilli: 2_000 }
    const of = (gpuModel: string, rack: string) => ({ resources: offered, gpuModel, labels: { rack } })
    await ScriptedAgent.connect(deployment.environment(), { offer: of('Tesla T4', '7') })
    const right = await ScriptedAgent.connect(deployment.environment(), { offer: of('A10G', '8') })
    const wanted = [
      { gpuModels: ['A10G', 'H100'] },
      { labels: { rack: '8' } },
      { labels: { rack: '9' } },
    ].map((constraints) => ({ ...spec, constraints }))
    const asks = wanted.map((_, at) => ({ attemptId: attemptId(at + 1), spec: at, environment: {} }))
    const reply = await deployment.environment().place({ ...request(), specs: wanted, asks })
    const instanceId = formatInstanceId(right.instanceId)
    expect(reply).toMatchObject({ placed: [{ instanceId }, { instanceId }] })
    expect(reply).toMatchObject({ infeasible: [{ reason: expect.stringContaining('rack') }] })
  })

  it('an attempt that is placed already answers where, and starts nothing', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { place } = await placing(deployment.environment(), queue)
    const agent = await ScriptedAgent.connect(deployment.environment())
    const first = await place(1)
    const before = await deployment.environment().rowsWritten()
    expect(await place(1)).toEqual(first)
    expect((await deployment.environment().rowsWritten()) - before).toBe(0)
    expect((await place(2)).ok).toBe(true)
    expect((await agent.given(2)).length).toBe(2)
  })

  it('is refused under a session that is not the queue’s newest', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { place } = await placing(deployment.environment(), queue)
    const newer = await placing(deployment.environment(), queue)
    const stale = { ok: false, reason: 'stale-session' }
    expect(await place(1)).toEqual(stale)
    expect((await newer.place(1)).ok).toBe(true)
    await evictDurableObject(deployment.environment())
    expect(await newer.place(2)).toEqual(stale)
  })

  it('tells a queue that starts anew what is placed for it', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const { place, attemptId } = await placing(deployment.environment(), queue)
    const agent = await ScriptedAgent.connect(deployment.environment())
    await place(1)
    const held = {
      attemptId: attemptId(1),
      instanceId: formatInstanceId(agent.instanceId),
      runtime: 'docker',
      placedAt: expect.any(Number),
    }
    expect((await deployment.environment().openSession(queue.number)).held).toEqual([held])
    await evictDurableObject(deployment.environment())
    expect((await deployment.environment().openSession(queue.number)).held).toEqual([held])
    expect((await deployment.environment().openSession(queue.number + 1)).held).toEqual([])
  })
})

describe('queues that share an environment', () => {
  it('are given room by priority, and the lower one what the higher leaves', async () => {
    const deployment = await TestDeployment.create()
    const [low, high] = [await deployment.queue({ priority: 1 }), await deployment.queue({ priority: 9 })]
    const blocker = await deployment.submit(low)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    await agent.given(1)
    const waiting = [
      await deployment.submit(low),
      await deployment.submit(high),
      await deployment.submit(high),
    ]
    for (const queue of [low, high]) await queue.stub().wake(deployment.environmentNumber, false)
    for (let given = 1; given <= 4; given++) agent.ended((await agent.given(given))[given - 1]!.attemptId)
    const order = agent.starts.map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    expect(order).toEqual([blocker, waiting[1], waiting[2], waiting[0]])
  })
})
