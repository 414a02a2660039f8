import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { deploymentOf } from '../../src/bindings.ts'
import type { JobRequest } from '../../src/core/model/job.ts'
import { forecast } from '../../src/forecast/forecast.ts'
import type { NamedChanges } from '../../src/forecast/named-changes.ts'
import type { AskPresent, PresentAnswer } from '../../src/objects/queue/queue-rpc.ts'
import { ScriptedAgent } from '../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../support/object-deployment.ts'
import { resetObjects } from '../support/object-reset.ts'

beforeAll(resetObjects)

const wants = (vcpus: number, attemptDurationSeconds?: number): Partial<JobRequest> => ({
  containerOverrides: { resourceRequirements: [{ type: 'VCPU', value: String(vcpus) }] },
  ...(attemptDurationSeconds === undefined ? {} : { timeout: { attemptDurationSeconds } }),
})

async function present(queue: TestQueue, ask: AskPresent = {}): Promise<PresentAnswer> {
  const answer = await queue.stub().present({ queue: queue.name, ...ask })
  if (!answer.ok) throw new Error(answer.refusal.message)
  return answer.value
}

/** What would become of the queue, and of a job that is not submitted where there is one. */
async function whatIf(
  deployment: TestDeployment,
  queue: TestQueue,
  request?: Partial<JobRequest>,
  changes: Partial<NamedChanges> = {},
) {
  const job = request && {
    definition: { name: deployment.definition },
    request: { jobName: 'a', ...request },
  }
  const asked = await present(queue, job ? { job } : {})
  const made = await forecast(env, deploymentOf(env), {
    asked,
    changes: { hosts: [], ...changes },
    assumedMs: 600_000,
  })
  if (!made.ok) throw new Error(made.refusal.message)
  return { now: made.value.state.now, ...made.value.answer }
}

describe('a forecast', () => {
  it('starts at once just what the next tick starts at once, and changes nothing', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await deployment.submit(queue, wants(2, 600))
    const [first] = await agent.given(1)
    agent.started(first!.attemptId)
    await deployment.until(
      await deployment.submit(queue, wants(4, 600)),
      (job) => job.statusReason !== undefined,
    )
    const cases = [wants(1, 6_000), wants(1, 300), wants(2, 300), wants(1, 300), wants(1, 60), wants(8)]
    for (const request of cases) {
      const rows = await queue.stub().rowsWritten()
      const { whatIf: world, now } = await whatIf(deployment, queue, request)
      expect(await queue.stub().rowsWritten()).toBe(rows)
      const jobId = await deployment.submit(queue, request)
      const { state, statusReason } = await deployment.until(
        jobId,
        (job) => job.state === 'STARTING' || job.statusReason !== undefined,
      )
      expect([world.job!.startsAt === now, request]).toEqual([state === 'STARTING', request])
      if (world.job!.never !== undefined) expect(statusReason).toContain('No connected host can hold')
    }
  })

  it('knows what runs for other queues, by how long it ran of late, and what waits before', async () => {
    const deployment = await TestDeployment.create()
    const high = await deployment.queue({ priority: 9 })
    const low = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const done = await deployment.submit(high)
    const [attempt] = await agent.given(1)
    agent.started(attempt!.attemptId)
    agent.ended(attempt!.attemptId)
    await deployment.ended(done)
    await deployment.submit(high)
    await deployment.submit(high)
    await agent.given(2)
    const asked = await present(high)
    expect(asked.present).toMatchObject({ running: [{ seq: 2 }], waiting: [{ seq: 3, count: 1 }] })
    const { learnedMs } = asked.present.works[0]!
    const { whatIf: world, now } = await whatIf(deployment, low, {})
    expect(world.job!.startsAt).toBe(now + 2 * learnedMs!)
    const urgent = await whatIf(deployment, low, {}, { priority: 10 })
    expect(urgent.whatIf.job!.startsAt).toBe(urgent.now + learnedMs!)
  })

  it('has others make room for a job where they will be told to, and once they have been', async () => {
    const deployment = await TestDeployment.create()
    const low = await deployment.queue({ priority: 1 })
    const settings = { schedulingSettings: { preemption: ['LOWER_QUEUES' as const] } }
    const high = await deployment.queue({ priority: 9, ...settings })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const held = await deployment.submit(low)
    const [attempt] = await agent.given(1)
    agent.started(attempt!.attemptId)
    await deployment.inState(held, 'RUNNING')
    const before = await whatIf(deployment, high, {})
    expect(before).toMatchObject({ mayPreempt: true, whatIf: { job: { startsAt: before.now + 30_000 } } })
    await deployment.submit(high)
    await agent.until('it is told to stop', () => agent.stops.length > 0)
    expect(agent.stops[0]!.attemptId).toBe(attempt!.attemptId)
  })

  it('tells an array that waits with the children that may not start yet', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    await deployment.submit(queue, { arrayProperties: { size: 10, maxConcurrency: 2 } })
    await deployment.submit(queue, { arrayProperties: { size: 5 }, dependsOn: [{ type: 'SEQUENTIAL' }] })
    await agent.given(3)
    const { waiting } = (await present(queue)).present
    expect(waiting).toMatchObject([
      { seq: 1, count: 8, atOnce: 0 },
      { seq: 2, count: 4, atOnce: 0 },
    ])
  })

  it('refuses a job as its submit is refused, and one that does not wait', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const shared = await whatIf(deployment, queue, { shareIdentifier: 'a' }).catch(String)
    expect(shared).toContain('shareIdentifier: the job queue has no fair-share scheduling policy')
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const jobId = await deployment.submit(queue)
    await deployment.inState(jobId, 'STARTING')
    const waiting = { job: targetOf(jobId), text: jobId }
    expect(await present(queue, { waiting }).catch(String)).toContain(
      `${jobId} is STARTING: it does not wait`,
    )
  })

  it('says which hosts and environments there are not', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const refusal = (changes: Partial<NamedChanges>) => whatIf(deployment, queue, {}, changes).catch(String)
    const change = { environment: deployment.environmentName, add: [], remove: ['i-1'] }
    expect(await refusal({ hosts: [change] })).toContain('has no container instance i-1')
    expect(await refusal({ environments: ['none'] })).toContain('compute environment none does not exist')
    const foreign = (await TestDeployment.create()).environmentName
    expect(await refusal({ hosts: [{ environment: foreign, add: [], remove: [] }] })).toContain(
      `${foreign} is no compute environment of the job queue`,
    )
    expect(await refusal({ fairsharePolicy: {} })).toContain('has no fair-share scheduling policy')
  })
})
