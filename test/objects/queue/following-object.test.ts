import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { QueueObject } from '../../../src/objects/queue/queue-object.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

afterEach(() => {
  vi.restoreAllMocks()
})

async function twoQueues() {
  const deployment = await TestDeployment.create()
  const [first, second] = [await deployment.queue({ priority: 2 }), await deployment.queue()]
  const follow = (leader: string, size: number, queue: TestQueue = second) =>
    deployment.submit(queue, { arrayProperties: { size }, dependsOn: [{ jobId: leader, type: 'N_TO_N' }] })
  const array = (size: number) => deployment.submit(first, { arrayProperties: { size } })
  return { deployment, first, second, follow, array }
}

describe('an array that follows one of another queue child by child', () => {
  it('starts each child when its counterpart has ended well, and fails it when it has not', async () => {
    const { deployment, follow, array } = await twoQueues()
    const leader = await array(3)
    const follower = await follow(leader, 3)
    expect(await deployment.describe(follower)).toMatchObject({ array: { summary: { PENDING: 3 } } })
    const agent = await ScriptedAgent.connect(deployment.environment())
    const starts = await agent.given(3)
    const startOf = (index: number) =>
      starts.find(({ environment }) => environment.AWS_BATCH_JOB_ARRAY_INDEX === `${index}`)!.attemptId
    agent.ended(startOf(2))
    expect((await agent.given(4))[3]!.environment.AWS_BATCH_JOB_ID).toBe(`${follower}:2`)
    agent.ended(startOf(0), { exitCode: 1 })
    expect(await deployment.ended(`${follower}:0`)).toMatchObject({ statusReason: 'Dependent Job failed' })
    expect((await deployment.describe(`${follower}:1`)).state).toBe('PENDING')
    expect(await deployment.describe(follower)).toMatchObject({
      dependsOn: [{ jobId: leader, type: 'N_TO_N' }],
    })
  })

  it('goes on doing so after both queues were evicted', async () => {
    const { deployment, first, second, follow, array } = await twoQueues()
    const leader = await array(2)
    const follower = await follow(leader, 2)
    const agent = await ScriptedAgent.connect(deployment.environment())
    const [one, two] = await agent.given(2)
    await evictDurableObject(first.stub())
    await evictDurableObject(second.stub())
    agent.ended(one!.attemptId)
    await agent.given(3)
    await evictDurableObject(second.stub())
    await evictDurableObject(first.stub())
    agent.ended(two!.attemptId)
    for (const { attemptId } of (await agent.given(4)).slice(2)) agent.ended(attemptId)
    expect(await deployment.ended(follower)).toMatchObject({ state: 'SUCCEEDED' })
  })

  it('hears what had ended before it came, and of an array that ends in one stroke', async () => {
    const { deployment, first, follow, array } = await twoQueues()
    const cancelled = await array(1_000_000)
    await first.stub().cancelJob(targetOf(cancelled), 'not needed')
    const late = await follow(cancelled, 1_000_000)
    expect(await deployment.ended(late)).toMatchObject({
      state: 'FAILED',
      statusReason: 'Dependent Job failed',
      array: { summary: { FAILED: 1_000_000 } },
    })
    const leader = await array(1_000_000)
    const follower = await follow(leader, 1_000_000)
    await first.stub().cancelJob(targetOf(leader), 'not needed')
    expect(await deployment.ended(follower)).toMatchObject({ array: { summary: { FAILED: 1_000_000 } } })
  })

  it('takes messages that are doubled, late or out of order', async () => {
    const { deployment, second, follow, array } = await twoQueues()
    const leader = await array(4)
    const follower = await follow(leader, 4)
    const told = (succeeded: [number, number][], failed: [number, number][]) =>
      ({ kind: 'children-ended', job: targetOf(leader), succeeded, failed }) as const
    await second.stub().deliver([told([[2, 3]], [[0, 0]]), told([[2, 3]], [])])
    await evictDurableObject(second.stub())
    await second.stub().deliver([told([[2, 2]], []), told([], [[0, 0]])])
    expect(await deployment.describe(follower)).toMatchObject({
      array: { summary: { FAILED: 1, PENDING: 1, RUNNABLE: 2 } },
    })
  })

  it('waits for all arrays that it follows, here and there', async () => {
    const { deployment, first, second, array } = await twoQueues()
    const there = await array(2)
    const here = await deployment.submit(second, { arrayProperties: { size: 2 } })
    const dependsOn = [there, here].map((jobId) => ({ jobId, type: 'N_TO_N' as const }))
    const follower = await deployment.submit(second, { arrayProperties: { size: 2 }, dependsOn })
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8 })
    const starts = await agent.given(4)
    const end = (jobId: string) =>
      agent.ended(starts.find(({ environment }) => environment.AWS_BATCH_JOB_ID === jobId)!.attemptId)
    end(`${there}:1`)
    await deployment.ended(`${there}:1`)
    end(`${here}:1`)
    expect((await agent.given(5))[4]!.environment.AWS_BATCH_JOB_ID).toBe(`${follower}:1`)
    expect(first.number).not.toBe(second.number)
  })

  it('is refused where the other array is none, or of another size', async () => {
    const { deployment, first, follow, array } = await twoQueues()
    await expect(follow(await deployment.submit(first), 2)).rejects.toThrow('is not an array job')
    await expect(follow(await array(3), 2)).rejects.toThrow('needs arrays of one size')
  })

  it('costs far less than a row a child, and a message for many ends', async () => {
    const { deployment, first, second, follow, array } = await twoQueues()
    const size = 2_000
    const leader = await array(size)
    const follower = await follow(leader, size)
    const written = async () => (await first.stub().rowsWritten()) + (await second.stub().rowsWritten())
    const before = await written()
    const deliver = vi.spyOn(QueueObject.prototype, 'deliver')
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 64, run: () => 0 })
    expect(await deployment.ended(follower)).toMatchObject({ array: { summary: { SUCCEEDED: size } } })
    expect((await deployment.describe(leader)).state).toBe('SUCCEEDED')
    expect(deliver.mock.calls.length).toBeLessThan(size / 10)
    expect(((await written()) - before) / size).toBeLessThan(0.3)
  })
})
