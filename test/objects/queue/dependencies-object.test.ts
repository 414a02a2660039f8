import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { QueueObject } from '../../../src/objects/queue/queue-object.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('dependencies across two queues', () => {
  it('let a job start when the one it waits for has succeeded', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leader = await deployment.submit(first)
    const follower = await deployment.submit(second, { dependsOn: [{ jobId: leader }] })
    expect((await deployment.describe(follower)).state).toBe('PENDING')
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    expect(await deployment.ended(leader)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await deployment.ended(follower)).toMatchObject({ state: 'SUCCEEDED' })
  })

  it('fail a job with the one it waits for', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leader = await deployment.submit(first)
    const follower = await deployment.submit(second, { dependsOn: [{ jobId: leader }] })
    await first.stub().cancelJob(targetOf(leader), 'not needed')
    expect(await deployment.ended(follower)).toMatchObject({
      state: 'FAILED',
      statusReason: 'Dependent Job failed',
    })
  })

  it('are told of also where the other queue was not there at first', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leader = await deployment.submit(first)
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const deliver = vi.spyOn(QueueObject.prototype, 'deliver').mockRejectedValueOnce(new Error('not now'))
    const follower = await deployment.submit(second, { dependsOn: [{ jobId: leader }] })
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(2))
    deliver.mockRejectedValueOnce(new Error('not now'))
    await first.stub().cancelJob(targetOf(leader), 'not needed')
    expect(await deployment.ended(follower)).toMatchObject({ state: 'FAILED' })
    expect(errors).toHaveBeenCalledTimes(2)
  })

  it('outlive both objects', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leader = await deployment.submit(first)
    const follower = await deployment.submit(second, { dependsOn: [{ jobId: leader }] })
    await evictDurableObject(second.stub())
    await evictDurableObject(first.stub())
    await first.stub().cancelJob(targetOf(leader), 'not needed')
    expect(await deployment.ended(follower)).toMatchObject({ state: 'FAILED' })
  })

  it('may be on one child of an array, which is told also when the whole array ends in one stroke', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const array = await deployment.submit(first, { arrayProperties: { size: 1_000 } })
    const dependsOn = [{ jobId: `${array}:999` }]
    const here = await deployment.submit(first, { dependsOn })
    const there = await deployment.submit(second, { dependsOn })
    await first.stub().cancelJob(targetOf(array), 'not needed')
    for (const follower of [here, there])
      expect(await deployment.ended(follower)).toMatchObject({ statusReason: 'Dependent Job failed' })
  })

  it('on an unknown job are refused', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leader = await deployment.submit(first)
    for (const jobId of [`${leader}:0`, 'garbage'])
      await expect(deployment.submit(second, { dependsOn: [{ jobId }] })).rejects.toThrow('does not exist')
  })

  it('may be doubled or late without harm', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const leaders = [await deployment.submit(first), await deployment.submit(first)]
    const follower = await deployment.submit(second, { dependsOn: leaders.map((jobId) => ({ jobId })) })
    const ended = { kind: 'ended', job: targetOf(leaders[0]!), succeeded: true } as const
    await second.stub().deliver([ended, ended])
    await second.stub().deliver([ended])
    expect((await deployment.describe(follower)).state).toBe('PENDING')
    await second.stub().deliver([{ ...ended, job: targetOf(leaders[1]!) }])
    expect((await deployment.describe(follower)).state).toBe('RUNNABLE')
  })
})
