import { beforeAll, describe, expect, it } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

async function snapshot(queue: TestQueue) {
  const outcome = await queue.stub().snapshot(queue.name)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

describe('snapshot', () => {
  it('tells the head of the queue in the order in which it will be placed', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push(await deployment.submit(queue))
    await deployment.submit(queue, { dependsOn: [{ jobId: ids[0]! }] })
    ids.push(await deployment.submit(queue, { arrayProperties: { size: 2 } }))
    const { front, vcpus, at } = await snapshot(queue)
    expect(front.map(({ jobId }) => jobId)).toEqual(ids)
    const { createdAt } = await deployment.describe(ids[0]!)
    expect(front[0]!.earliestTimeAtPosition).toBe(createdAt)
    expect(vcpus).toBe(0)
    expect(at).toBeGreaterThanOrEqual(createdAt)
  })

  it('counts what is placed and what runs, array children among it, and not what waits', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 5 })
    const single = await deployment.submit(queue)
    await deployment.submit(queue)
    const array = await deployment.submit(queue, { arrayProperties: { size: 7 } })
    const given = await agent.given(5)
    agent.started(given[0]!.attemptId)
    agent.started(given[2]!.attemptId)
    await deployment.inState(single, 'RUNNING')
    await deployment.inState(`${array}:0`, 'RUNNING')
    const { front, vcpus } = await snapshot(queue)
    expect(vcpus).toBe(5)
    expect(front.map(({ jobId }) => jobId)).toEqual([array])
    for (const { attemptId } of given) agent.ended(attemptId)
    for (const { attemptId } of (await agent.given(9)).slice(5)) agent.ended(attemptId)
    await deployment.ended(array)
    expect(await snapshot(queue)).toMatchObject({ front: [], vcpus: 0 })
  })

  it('is of a hundred jobs at most', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids = await Promise.all(Array.from({ length: 120 }, () => deployment.submit(queue)))
    const { front } = await snapshot(queue)
    expect(front.map(({ jobId }) => jobId)).toEqual(ids.slice(0, 100))
  })
})
