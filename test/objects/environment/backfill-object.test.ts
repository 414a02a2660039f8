import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatAttemptId, formatInstanceId } from '../../../src/core/model/ids.ts'
import type { PlaceReply, PlaceRequest } from '../../../src/objects/environment/environment-rpc.ts'
import { aSpec } from '../../support/attempts.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const graceMs = 30_000

/** Wants so many vCPUs, for so many seconds at most. */
function wanting(vcpus: number, timeoutSeconds?: number) {
  const resources = { cpuMilli: vcpus * 1_000, memoryMiB: 10, gpuMilli: 0, diskMiB: 0 }
  const spec = aSpec('true', { resources })
  const { containers } = spec
  const patient = containers.map((container) => ({ ...container, stopTimeoutSeconds: graceMs / 1000 }))
  return { ...spec, containers: patient, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) }
}

/** Asks an environment in the name of a queue that has no jobs: attempt `n` wants the n-th of what is wanted. */
class Asker {
  private readonly deployment: TestDeployment
  private readonly queue: TestQueue
  private session = ''

  constructor(deployment: TestDeployment, queue: TestQueue) {
    this.deployment = deployment
    this.queue = queue
  }

  attemptId(seq: number): string {
    return formatAttemptId({ queue: this.queue.number, seq, attempt: 1 }, env.DEPLOYMENT_SALT)
  }

  async open(): Promise<this> {
    this.session = (await this.deployment.environment().openSession(this.queue.number)).session
    return this
  }

  async place(
    wanted: Record<number, ReturnType<typeof wanting>>,
    more: Pick<PlaceRequest, 'strict' | 'continues' | 'elsewhere'> = {},
  ): Promise<PlaceReply & { ok: true }> {
    const entries = Object.entries(wanted)
    const reply = await this.deployment.environment().place({
      queue: this.queue.number,
      session: this.session,
      specs: entries.map(([, spec]) => spec),
      asks: entries.map(([seq], spec) => ({ attemptId: this.attemptId(Number(seq)), spec, environment: {} })),
      ...more,
    })
    if (!reply.ok) throw new Error(reply.reason)
    return reply
  }

  /** The numbers of the attempts that are placed. */
  async placed(...asked: Parameters<Asker['place']>): Promise<number[]> {
    const reply = await this.place(...asked)
    return Object.keys(asked[0])
      .map(Number)
      .filter((seq) => reply.placed.some(({ attemptId }) => attemptId === this.attemptId(seq)))
  }

  explain(seq: number, spec: ReturnType<typeof wanting>) {
    const question = { queue: this.queue.number, specs: [spec], spec: 0, attemptId: this.attemptId(seq) }
    return this.deployment.environment().explainPlacement(question)
  }
}

async function aDeployment(vcpus: number) {
  const deployment = await TestDeployment.create()
  const queue = await deployment.queue()
  const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus })
  const asker = await new Asker(deployment, queue).open()
  return { deployment, queue, agent, asker, instanceId: formatInstanceId(agent.instanceId) }
}

describe('a job for which there is no room', () => {
  it('has it kept by the time-outs of what runs, and is overtaken only by what ends in time', async () => {
    const { asker, agent } = await aDeployment(4)
    await asker.place({ 1: wanting(3, 600) })
    const reply = await asker.place({ 2: wanting(4), 3: wanting(1, 900), 4: wanting(1, 60) })
    expect(reply.placed.map(({ attemptId }) => attemptId)).toEqual([asker.attemptId(4)])
    expect(reply.blocked).toEqual([
      {
        attemptId: asker.attemptId(2),
        reservedAt: expect.any(Number),
        short: [{ what: 'VCPU', wanted: 4, available: 1 }],
      },
      { attemptId: asker.attemptId(3), short: [] },
    ])
    const inMs = reply.blocked[0]!.reservedAt! - Date.now()
    expect(inMs).toBeGreaterThan(590_000 + graceMs)
    expect(inMs).toBeLessThanOrEqual(600_000 + graceMs)
    await agent.given(2)
  })

  it('counts a time-out from the start of its attempt', async () => {
    const { asker, agent } = await aDeployment(4)
    await asker.place({ 1: wanting(4, 600) })
    const [start] = await agent.given(1)
    const startedAt = Date.now() + 50_000
    agent.started(start!.attemptId, startedAt)
    const reservedAt = async () => (await asker.place({ 2: wanting(4) })).blocked[0]?.reservedAt
    await expect.poll(reservedAt).toBe(startedAt + 600_000 + graceMs)
  })

  it('has the same room kept by an environment that starts anew', async () => {
    const { asker, agent, deployment } = await aDeployment(4)
    await asker.place({ 1: wanting(4, 600) })
    const before = (await asker.place({ 2: wanting(4) })).blocked[0]?.reservedAt
    await evictDurableObject(deployment.environment())
    agent.hello([{ attemptId: asker.attemptId(1), state: 'starting' }])
    await agent.until('it is welcomed again', () => agent.welcomes === 2)
    await asker.open()
    expect((await asker.place({ 2: wanting(4) })).blocked[0]?.reservedAt).toBe(before)
  })

  it('lets nothing by that is strict, in this request or the one that goes on', async () => {
    const { asker } = await aDeployment(4)
    await asker.place({ 1: wanting(3, 600) })
    expect(await asker.placed({ 2: wanting(4), 3: wanting(1, 60) }, { strict: true })).toEqual([])
    expect(await asker.placed({ 3: wanting(1, 60) }, { strict: true, continues: true })).toEqual([])
    expect(await asker.placed({ 3: wanting(1, 60) }, { strict: true })).toEqual([3])
  })

  it('has it kept by requests that go on, and not by one that begins anew, nor an empty one, nor a new session', async () => {
    const { asker } = await aDeployment(4)
    await asker.place({ 1: wanting(3, 600) })
    const block = () => asker.place({ 2: wanting(4) })
    await block()
    expect(await asker.placed({ 3: wanting(1) }, { continues: true })).toEqual([])
    await asker.place({})
    expect((await asker.explain(3, wanting(1))).fits).toBe(true)
    await block()
    expect((await asker.explain(3, wanting(1))).fits).toBe(false)
    await asker.open()
    expect((await asker.explain(3, wanting(1))).fits).toBe(true)
    expect(await asker.placed({ 3: wanting(1) })).toEqual([3])
  })

  it('has none kept once it is placed elsewhere', async () => {
    const { asker } = await aDeployment(4)
    await asker.place({ 1: wanting(3, 600) })
    await asker.place({ 2: wanting(4) })
    await asker.place({}, { continues: true, elsewhere: [asker.attemptId(3)] })
    expect(await asker.placed({ 4: wanting(1) }, { continues: true })).toEqual([])
    await asker.place({}, { continues: true, elsewhere: [asker.attemptId(2)] })
    expect(await asker.placed({ 4: wanting(1) }, { continues: true })).toEqual([4])
  })
})

describe('a queue of lower priority', () => {
  it('starts what does not put off what a higher one waits for', async () => {
    const { deployment, asker: low } = await aDeployment(4)
    const high = await new Asker(deployment, await deployment.queue({ priority: 9 })).open()
    await low.place({ 1: wanting(2, 600) })
    await high.place({ 1: wanting(4, 600) })
    expect(await low.placed({ 2: wanting(1, 900), 3: wanting(1, 300) })).toEqual([3])
  })
})

describe('explaining a placement', () => {
  it('says where there is room, or what is short, for whom it is kept and until when', async () => {
    const { asker, instanceId, queue } = await aDeployment(4)
    expect(await asker.explain(1, wanting(3))).toMatchObject({
      standing: 'hosts',
      hosts: 1,
      fits: true,
      nearest: [{ instanceId, lacks: [] }],
    })
    await asker.place({ 1: wanting(3, 600) })
    expect(await asker.explain(1, wanting(3))).toMatchObject({ placedOn: instanceId, fits: false })
    const { blocked } = await asker.place({ 2: wanting(4) })
    const kept = {
      queue: queue.number,
      attemptId: asker.attemptId(2),
      at: blocked[0]!.reservedAt!,
      hosts: [instanceId],
    }
    expect(await asker.explain(2, wanting(4))).toMatchObject({
      fits: false,
      nearest: [{ instanceId, lacks: [{ what: 'VCPU', wanted: 4, available: 1 }] }],
      reservation: { mine: true, ...kept },
    })
    expect(await asker.explain(3, wanting(1))).toMatchObject({
      fits: false,
      nearest: [{ instanceId, lacks: [] }],
      reservation: { mine: false, ...kept },
    })
    expect(await asker.explain(4, wanting(1, 60))).toMatchObject({ fits: true })
  })

  it('says what no host could ever hold', async () => {
    const { asker } = await aDeployment(4)
    const view = await asker.explain(1, wanting(8))
    expect(view).toMatchObject({ fits: false, infeasible: [{ what: 'VCPU', wanted: 8, available: 4 }] })
    const { infeasible } = await asker.place({ 1: wanting(8) })
    expect(view.infeasibleReason).toBe(infeasible[0]!.reason)
  })
})
