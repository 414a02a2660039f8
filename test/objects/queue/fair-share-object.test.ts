import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JobRequest } from '../../../src/core/model/job.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

/** Submits jobs of shares in one commit, so that the first tick finds them all. */
async function submitAll(deployment: TestDeployment, queue: TestQueue, shares: string[]) {
  const entries = shares.map((shareIdentifier, i) => ({
    definition: { name: deployment.definition },
    request: { jobName: `${shareIdentifier}-${i}`, shareIdentifier } satisfies JobRequest,
  }))
  const outcome = await queue.stub().submitJobs({ queue: queue.name, entries })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value.map((one) => (one.ok ? one.value.jobId : one.refusal.message))
}

/** How many of the first `count` jobs given to an agent are of each share. */
async function sharesOf(deployment: TestDeployment, agent: ScriptedAgent, count: number) {
  const counts: Record<string, number> = {}
  for (const { environment } of (await agent.given(count)).slice(0, count)) {
    const { shareIdentifier = '' } = await deployment.describe(environment.AWS_BATCH_JOB_ID!)
    counts[shareIdentifier] = (counts[shareIdentifier] ?? 0) + 1
  }
  return counts
}

const times = (count: number, share: string) => Array.from({ length: count }, () => share)

describe('a fair-share queue', () => {
  it('gives shares their part by weight, whoever came first', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({
      shareDistribution: [{ shareIdentifier: 'blue', weightFactor: 0.5 }],
    })
    await submitAll(deployment, queue, [...times(12, 'red'), ...times(12, 'blue')])
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 12 })
    expect(await sharesOf(deployment, agent, 12)).toEqual({ blue: 8, red: 4 })
  })

  it('orders inside a share by priority, and never across shares', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue()
    const submit = (shareIdentifier: string, schedulingPriorityOverride: number) =>
      deployment.submit(queue, { shareIdentifier, schedulingPriorityOverride })
    const low = await submit('red', 1)
    const high = await submit('red', 9)
    const other = await submit('blue', 0)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const started = (await agent.given(2)).map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    expect(new Set(started)).toEqual(new Set([high, other]))
    expect((await deployment.describe(low)).state).toBe('RUNNABLE')
  })

  it('looks at the jobs of others too where a share has very many for which there is no room', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({
      shareDistribution: [{ shareIdentifier: 'blue', weightFactor: 100 }],
    })
    const request = (shareIdentifier: string, vcpus: number, minutes: number): Partial<JobRequest> => ({
      shareIdentifier,
      containerOverrides: { resourceRequirements: [{ type: 'VCPU', value: String(vcpus) }] },
      timeout: { attemptDurationSeconds: minutes * 60 },
    })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await deployment.submit(queue, request('blue', 3, 60))
    await agent.given(1)
    const large = Array.from({ length: 300 }, () => ({
      definition: { name: deployment.definition },
      request: { jobName: 'large', ...request('red', 4, 60) },
    }))
    expect((await queue.stub().submitJobs({ queue: queue.name, entries: large })).ok).toBe(true)
    const short = await deployment.submit(queue, request('blue', 1, 5))
    expect((await agent.given(2))[1]!.environment.AWS_BATCH_JOB_ID).toBe(short)
  })

  it('shares an array out among others child by child', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue()
    await deployment.submit(queue, { shareIdentifier: 'red', arrayProperties: { size: 100 } })
    await submitAll(deployment, queue, times(4, 'blue'))
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    const given = await agent.given(8)
    expect(given.filter(({ environment }) => environment.AWS_BATCH_JOB_ARRAY_INDEX)).toHaveLength(4)
  })

  it('remembers what shares have used when its object starts anew', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({ shareDecaySeconds: 600 })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await submitAll(deployment, queue, times(4, 'red'))
    await agent.given(4)
    await evictDurableObject(queue.stub())
    await submitAll(deployment, queue, [...times(4, 'red'), ...times(4, 'blue')])
    for (const { attemptId } of agent.starts.slice(0, 2)) agent.ended(attemptId)
    const shares = new Set<string | undefined>()
    for (const { environment } of (await agent.given(6)).slice(4))
      shares.add((await deployment.describe(environment.AWS_BATCH_JOB_ID!)).shareIdentifier)
    expect([...shares]).toEqual(['blue'])
  })

  it('holds a share to its limits, says so, and goes on with the others', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({
      shareDistribution: [{ shareIdentifier: 'red', limits: { runningJobs: 1 } }],
    })
    const [first, second] = await submitAll(deployment, queue, [...times(2, 'red'), 'blue'])
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await agent.given(2)
    const waits = await deployment.until(second!, ({ statusReason }) => statusReason !== undefined)
    expect(waits.statusReason).toBe('SHARE_LIMIT - share red may run 1 at once and runs 1')
    const { attemptId } = agent.starts.find(({ environment }) => environment.AWS_BATCH_JOB_ID === first)!
    agent.ended(attemptId)
    await agent.given(3)
  })

  it('keeps a part of the capacity for shares that are not active', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue({ computeReservation: 50 })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const jobs = await submitAll(deployment, queue, times(4, 'red'))
    await agent.given(2)
    await deployment.until(jobs[3]!, ({ statusReason }) => /^SHARE_RESERVATION/.test(statusReason ?? ''))
    await submitAll(deployment, queue, ['blue'])
    expect((await agent.given(3)).length).toBe(3)
  })

  it('tells in its snapshot whose turn comes next, and what shares use', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const jobs = await submitAll(deployment, queue, [...times(4, 'red'), ...times(2, 'blue')])
    await agent.given(2)
    await deployment.until(jobs[1]!, ({ statusReason }) => statusReason !== undefined)
    const snapshot = await queue.stub().snapshot(queue.name)
    if (!snapshot.ok) throw new Error(snapshot.refusal.message)
    expect(snapshot.value.front.map(({ jobId }) => jobs.indexOf(jobId))).toEqual([1, 5, 2, 3])
    expect(snapshot.value).toMatchObject({
      vcpus: 2,
      shares: {
        active: 2,
        top: [
          { share: 'blue', vcpus: 1 },
          { share: 'red', vcpus: 1 },
        ],
      },
    })
  })

  it('tells in its snapshot of a share whose only job is set aside', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue()
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const jobId = await deployment.submit(queue, {
      shareIdentifier: 'red',
      containerOverrides: { resourceRequirements: [{ type: 'GPU', value: '1' }] },
    })
    await deployment.until(jobId, ({ statusReason }) => /^MISCONFIGURATION/.test(statusReason ?? ''))
    const snapshot = await queue.stub().snapshot(queue.name)
    expect(snapshot).toMatchObject({ ok: true, value: { front: [{ jobId }] } })
  })

  it('refuses the job that would make one active share too many', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.fairQueue()
    const shares = Array.from({ length: 501 }, (_, i) => `s${i}`)
    const made = await submitAll(deployment, queue, shares)
    expect(made[500]).toMatch(/^shareIdentifier: the job queue has 500 active share identifiers/)
    await expect(deployment.submit(queue, { shareIdentifier: 's501' })).rejects.toThrow(/500 active/)
    await deployment.submit(queue, { shareIdentifier: 's7' })
  })
})
