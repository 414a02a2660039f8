import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatInstanceId } from '../../../src/core/model/ids.ts'
import { aMultiNodeBody } from '../../support/builders.ts'
import { endOf, ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

let strangers = 0

/** An agent that has said hello with these images, and says so again when it is asked to. */
async function agentWith(deployment: TestDeployment, images?: string[]): Promise<ScriptedAgent> {
  const agent = await ScriptedAgent.dial(deployment.environment(), { vcpus: 4 })
  agent.hello([], images ? { images } : {})
  await agent.heard('welcome')
  return agent
}

/** It tells which images it has now, with a report of an attempt of nobody: when that is settled it is known. */
async function tells(agent: ScriptedAgent, images: string[]): Promise<void> {
  const attemptId = (++strangers).toString(16).padStart(32, '0')
  agent.say({ type: 'reports', reports: [endOf(attemptId)], images })
  await agent.until('it is heard', () => agent.settled.includes(attemptId))
}

/** A job of busybox is submitted and given to this agent. */
async function comesTo(agent: ScriptedAgent, deployment: TestDeployment, queue: TestQueue): Promise<string> {
  const before = agent.starts.length
  await deployment.submit(queue)
  return (await agent.given(before + 1))[before]!.attemptId
}

describe('of hosts alike', () => {
  it('one that has the image is chosen, whatever it is called, but not before one that is fuller', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await agentWith(deployment)
    const cached = await agentWith(deployment, ['busybox:latest'])
    const other = await agentWith(deployment, ['busybox:musl'])
    const first = await comesTo(cached, deployment, queue)
    cached.ended(first)
    await cached.until('it is free', () => cached.settled.includes(first))
    await tells(cached, [])
    await tells(other, ['busybox:musl', 'busybox:latest'])
    await comesTo(other, deployment, queue)
    await tells(cached, ['busybox:latest'])
    await tells(other, [])
    await comesTo(other, deployment, queue)
  })

  it('those that have the images of its nodes are chosen for a multi-node job', async () => {
    const deployment = await TestDeployment.create()
    await deployment.registerAnew(aMultiNodeBody(2))
    const queue = await deployment.queue()
    await agentWith(deployment)
    const one = await agentWith(deployment, ['busybox:latest'])
    await agentWith(deployment)
    const two = await agentWith(deployment, ['busybox:latest'])
    await deployment.submit(queue)
    await one.given(1)
    const placed = (await deployment.environment().describeHosts()).filter(
      ({ attempts }) => attempts.length > 0,
    )
    const instanceIds = [one, two].map(({ instanceId }) => formatInstanceId(instanceId))
    expect(placed.map(({ instanceId }) => instanceId).sort()).toEqual(instanceIds.sort())
  })

  it('one that has it is known after a start anew of the environment, which stores nothing of it', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const bare = await agentWith(deployment)
    const before = await deployment.environment().rowsWritten()
    const cached = await agentWith(deployment, ['busybox:latest'])
    expect((await deployment.environment().rowsWritten()) - before).toBe(0)
    await evictDurableObject(deployment.environment())
    await deployment.environment().describeHosts()
    for (const agent of [bare, cached]) await agent.heard('identify')
    cached.hello([], { images: ['busybox:latest'] })
    bare.hello()
    await cached.until('both are welcomed again', () => cached.welcomes === 2)
    await bare.until('both are welcomed again', () => bare.welcomes === 2)
    await comesTo(cached, deployment, queue)
  })
})
