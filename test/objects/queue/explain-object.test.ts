import { beforeAll, describe, expect, it } from 'vitest'
import type { Explanation } from '../../../src/core/model/explanation.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

async function explain(queue: TestQueue, jobId: string): Promise<Explanation> {
  const explanation = await queue.stub().explainJob(targetOf(jobId))
  if (!explanation) throw new Error(`job ${jobId} is unknown`)
  return explanation
}

async function withQueues(count: number): Promise<[TestDeployment, TestQueue[]]> {
  const deployment = await TestDeployment.create()
  const queues: TestQueue[] = []
  for (let i = 0; i < count; i++) queues.push(await deployment.queue())
  return [deployment, queues]
}

describe('an explanation', () => {
  it('names the jobs waited for, in whichever queue, and how they stand', async () => {
    const [deployment, [first, second]] = await withQueues(2)
    const other = await deployment.submit(second!)
    const own = await deployment.submit(first!)
    const dependsOn = [{ jobId: own }, { jobId: other, type: 'AFTER_ANY' as const }]
    const waiter = await deployment.submit(first!, { dependsOn })
    const { status, waitingFor, dependencies } = await explain(first!, waiter)
    expect(status).toBe('PENDING')
    expect(dependencies).toEqual([
      { jobId: own, status: 'RUNNABLE', met: false },
      { jobId: other, type: 'AFTER_ANY', status: 'RUNNABLE', met: false },
    ])
    expect(waitingFor.map(({ kind }) => kind)).toEqual(['DEPENDENCY', 'DEPENDENCY'])
  })

  it('says that no host is connected, how many jobs stand before it, and how to connect one', async () => {
    const [deployment, [queue]] = await withQueues(1)
    await deployment.submit(queue!)
    await deployment.submit(queue!)
    const jobId = await deployment.submit(queue!)
    await deployment.until(jobId, ({ statusReason }) => statusReason !== undefined)
    const { waitingFor, order } = await explain(queue!, jobId)
    expect(order).toEqual({ jobsAhead: 2, schedulingPriority: 0 })
    expect(waitingFor.map(({ kind }) => kind)).toEqual(['NO_HOST', 'ORDER'])
    expect(waitingFor[0]!.text).toMatch(deployment.environmentName)
  })

  it('says which host comes closest to having room, what it lacks, and when room is kept for it', async () => {
    const [deployment, [queue]] = await withQueues(1)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const wants = (vcpus: number, attemptDurationSeconds: number) => ({
      containerOverrides: { resourceRequirements: [{ type: 'VCPU' as const, value: String(vcpus) }] },
      timeout: { attemptDurationSeconds },
    })
    await deployment.submit(queue!, wants(3, 600))
    await agent.given(1)
    const head = await deployment.submit(queue!, wants(4, 600))
    const behind = await deployment.submit(queue!, wants(1, 6_000))
    await deployment.until(behind, ({ statusReason }) => statusReason !== undefined)
    const first = await explain(queue!, head)
    expect(first.waitingFor).toMatchObject([
      { kind: 'CAPACITY', text: expect.stringMatching(/lacks 3 vCPU.*room is being kept for it/) },
    ])
    expect(first.computeEnvironments).toMatchObject([
      {
        standing: 'hosts',
        connectedHosts: 1,
        hasRoom: false,
        nearestHosts: [{ lacks: [{ resource: 'VCPU', wanted: '4', available: '1', missing: 3 }] }],
        reservation: { forThisJob: true, expectedAt: expect.any(Number) },
      },
    ])
    expect(first.estimatedStart!.at).toBeGreaterThan(Date.now())
    const second = await explain(queue!, behind)
    expect(second.waitingFor.map(({ kind }) => kind)).toEqual(['ORDER', 'CAPACITY'])
    expect(second.waitingFor[1]!.text).toMatch(/kept for a job that goes before it/)
  })

  it('says what no host could ever hold', async () => {
    const [deployment, [queue]] = await withQueues(1)
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const jobId = await deployment.submit(queue!, {
      containerOverrides: { resourceRequirements: [{ type: 'GPU', value: '2' }] },
    })
    await deployment.until(jobId, ({ statusReason }) => statusReason !== undefined)
    const { waitingFor, computeEnvironments, estimatedStart } = await explain(queue!, jobId)
    expect(waitingFor.map(({ kind }) => kind)).toEqual(['NO_HOST_FITS'])
    expect(computeEnvironments![0]!.neverFits).toMatchObject([{ resource: 'GPU', missing: 2 }])
    expect(estimatedStart).toBeUndefined()
  })

  it('says how its share stands among the active ones', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({
      shareDistribution: [{ shareIdentifier: 'red', weightFactor: 2 }],
    })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    await deployment.submit(queue, { shareIdentifier: 'red' })
    await agent.given(1)
    const red = await deployment.submit(queue, { shareIdentifier: 'red' })
    await deployment.submit(queue, { shareIdentifier: 'blue' })
    const { order, waitingFor } = await explain(queue, red)
    expect(order).toMatchObject({
      jobsAhead: 0,
      share: { shareIdentifier: 'red', weightFactor: 2, rank: 2, activeShares: 2 },
    })
    expect(order!.share!.weightedUsage).toBeGreaterThanOrEqual(2)
    expect(waitingFor.map(({ kind }) => kind)).toContain('ORDER')
  })

  it('agrees with what the next tick does: what has nothing in its way is started', async () => {
    const [deployment, [queue]] = await withQueues(1)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    await deployment.submit(queue!)
    const jobId = await deployment.submit(queue!)
    await agent.given(1)
    await deployment.until(jobId, ({ statusReason }) => statusReason !== undefined)
    expect((await explain(queue!, jobId)).waitingFor.map(({ kind }) => kind)).toEqual(['CAPACITY'])
    agent.ended(agent.starts[0]!.attemptId)
    await agent.given(2)
    const { waitingFor, summary } = await explain(queue!, jobId)
    expect(waitingFor).toEqual([])
    expect(summary).toMatch(/^The job is placed on host/)
  })

  it('of a child says what its array waits for, and its own counterpart and predecessor', async () => {
    const [deployment, [queue]] = await withQueues(1)
    const counterpart = await deployment.submit(queue!, { arrayProperties: { size: 3 } })
    const array = await deployment.submit(queue!, {
      arrayProperties: { size: 3 },
      dependsOn: [{ jobId: counterpart, type: 'N_TO_N' }, { type: 'SEQUENTIAL' }],
    })
    const { dependencies } = await explain(queue!, `${array}:2`)
    expect(dependencies).toMatchObject([
      { jobId: `${counterpart}:2`, type: 'N_TO_N', met: false },
      { jobId: `${array}:1`, type: 'SEQUENTIAL', met: false },
    ])
  })

  it('of a job that runs or has ended says so, and waits for nothing', async () => {
    const [deployment, [queue]] = await withQueues(1)
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 2, run: () => 0 })
    const jobId = await deployment.submit(queue!)
    await deployment.ended(jobId)
    const explanation = await explain(queue!, jobId)
    expect(explanation).toMatchObject({ status: 'SUCCEEDED', waitingFor: [] })
    expect(explanation.order).toBeUndefined()
  })

  it('is not given of a job that nobody submitted', async () => {
    const [deployment, [queue]] = await withQueues(1)
    const { seq, ...rest } = targetOf(await deployment.submit(queue!))
    expect(await queue!.stub().explainJob({ ...rest, seq: seq + 1 })).toBeUndefined()
  })
})
