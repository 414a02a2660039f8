import { beforeAll, describe, expect, it } from 'vitest'
import type { JobRequest } from '../../../src/core/model/job.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const wants = (vcpus: number, minutes?: number): Partial<JobRequest> => ({
  containerOverrides: { resourceRequirements: [{ type: 'VCPU', value: String(vcpus) }] },
  ...(minutes === undefined ? {} : { timeout: { attemptDurationSeconds: minutes * 60 } }),
})

async function started(agent: ScriptedAgent, count: number): Promise<(string | undefined)[]> {
  return (await agent.given(count)).map(({ environment }) => environment.AWS_BATCH_JOB_ID)
}

describe('behind a job for which there is no room', () => {
  it('one starts that will have ended when there is some, and the others wait', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const first = await deployment.submit(queue, wants(3, 60))
    await agent.given(1)
    const head = await deployment.submit(queue, wants(4))
    await deployment.until(head, ({ statusReason }) => /room is kept for it/.test(statusReason ?? ''))
    const long = await deployment.submit(queue, wants(1, 600))
    const short = await deployment.submit(queue, wants(1, 5))
    expect(await started(agent, 2)).toEqual([first, short])
    expect((await deployment.describe(long)).state).toBe('RUNNABLE')
    for (const { attemptId } of agent.starts) agent.ended(attemptId)
    expect((await started(agent, 3))[2]).toBe(head)
  })

  it('none starts in a STRICT queue', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ schedulingSettings: { blockedHead: 'STRICT' } })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const first = await deployment.submit(queue, wants(3, 60))
    await agent.given(1)
    const head = await deployment.submit(queue, wants(4))
    const short = await deployment.submit(queue, wants(1, 5))
    await deployment.until(head, ({ statusReason }) => /^CAPACITY:BUSY/.test(statusReason ?? ''))
    agent.ended(agent.starts[0]!.attemptId)
    expect(await started(agent, 2)).toEqual([first, head])
    agent.ended(agent.starts[1]!.attemptId)
    expect((await started(agent, 3))[2]).toBe(short)
  })

  it('room is kept no longer once it is cancelled', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await deployment.submit(queue, wants(3, 60))
    await agent.given(1)
    const head = await deployment.submit(queue, wants(4))
    const long = await deployment.submit(queue, wants(1, 600))
    await deployment.until(long, ({ statusReason }) => statusReason !== undefined)
    await queue.stub().cancelJob(targetOf(head), 'not needed')
    expect((await started(agent, 2))[1]).toBe(long)
  })

  it('one starts that may go to hosts to which that one may not', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const near = await ScriptedAgent.connect(deployment.environment(), {
      vcpus: 1,
      offer: { labels: { zone: 'near' } },
    })
    const bound = { placementConstraints: { labels: { zone: 'near' } } }
    await deployment.submit(queue, bound)
    await near.given(1)
    const head = await deployment.submit(queue, bound)
    await deployment.until(head, ({ statusReason }) => /^CAPACITY:BUSY/.test(statusReason ?? ''))
    const far = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const free = await deployment.submit(queue)
    expect(await started(far, 1)).toEqual([free])
  })

  it('a queue of lower priority may use what that one leaves', async () => {
    const deployment = await TestDeployment.create()
    const high = await deployment.queue({ priority: 10 })
    const low = await deployment.queue({ priority: 1 })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    await deployment.submit(high, wants(3, 60))
    await agent.given(1)
    const head = await deployment.submit(high, wants(4))
    await deployment.until(head, ({ statusReason }) => statusReason !== undefined)
    const long = await deployment.submit(low, wants(1, 600))
    const short = await deployment.submit(low, wants(1, 5))
    expect((await started(agent, 2))[1]).toBe(short)
    expect((await deployment.describe(long)).state).toBe('RUNNABLE')
  })
})

describe('a queue with limits', () => {
  it('runs no more than it may, and says so', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue({ schedulingSettings: { limits: { vcpus: 2 } } })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    const jobs = await Promise.all([1, 2, 3].map(() => deployment.submit(queue)))
    await agent.given(2)
    const waits = await deployment.until(jobs[2]!, ({ statusReason }) => statusReason !== undefined)
    expect(waits.statusReason).toBe(
      'QUEUE_LIMIT - the job queue may use 2 vCPU and uses 2; 1 more are wanted',
    )
    agent.ended(agent.starts[0]!.attemptId)
    expect((await started(agent, 3))[2]).toBe(jobs[2])
  })
})
