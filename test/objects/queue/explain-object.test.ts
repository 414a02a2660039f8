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
