import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { registryStub } from '../../../src/bindings.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

describe('a deleted environment', () => {
  it('lets running attempts end, and then sends its hosts away', async () => {
    const [gone, other] = [await TestDeployment.create(), await TestDeployment.create()]
    const queue = await gone.queue()
    const busy = await ScriptedAgent.connect(gone.environment())
    const jobId = await gone.submit(queue)
    const [attempt] = await busy.given(1)
    busy.started(attempt!.attemptId)
    await gone.inState(jobId, 'RUNNING')
    const idle = await ScriptedAgent.connect(gone.environment())
    const registry = registryStub(env)
    const refused = (message: string) => ({ ok: false, refusal: { code: 'ClientException', message } })
    const name = gone.environmentName
    expect(await registry.deleteEnvironment(name)).toEqual(
      refused('Cannot delete, found existing JobQueue relationship'),
    )
    await registry.updateQueue(queue.name, { environments: [other.environmentName], environmentOrders: [1] })
    expect(await registry.deleteEnvironment(name)).toEqual(refused('Cannot delete, state must be DISABLED'))
    await registry.updateEnvironment(name, { state: 'DISABLED' })
    expect(await registry.deleteEnvironment(name)).toEqual({ ok: true, value: {} })

    await idle.until('it is sent away', () => idle.closed !== undefined)
    const newcomer = await ScriptedAgent.dial(gone.environment())
    newcomer.hello()
    expect(await newcomer.heard('refused')).toMatchObject({ code: 'not-configured' })
    // An agent that comes back finds its way by the name, also after the object has slept.
    expect(await registry.environmentNumber(name)).toBe(gone.environmentNumber)
    await evictDurableObject(gone.environment())
    busy.hello([{ attemptId: attempt!.attemptId, state: 'running', startedAt: 100 }])
    busy.ended(attempt!.attemptId)
    expect((await gone.ended(jobId)).state).toBe('SUCCEEDED')
    await busy.until('it is sent away', () => busy.closed !== undefined)
    expect(busy.settled).toEqual([attempt!.attemptId])
  })

  it('leaves its name to another', async () => {
    const deployment = await TestDeployment.create()
    const registry = registryStub(env)
    const name = deployment.environmentName
    await registry.updateEnvironment(name, { state: 'DISABLED' })
    await registry.deleteEnvironment(name)
    const described = await registry.describeEnvironments([name], { maxResults: 1 })
    expect(described).toEqual({ ok: true, value: { items: [] } })
    expect((await registry.createEnvironment(name, { type: 'UNMANAGED', state: 'ENABLED' })).ok).toBe(true)
    expect(await registry.environmentNumber(name)).toBeGreaterThan(deployment.environmentNumber)
  })
})
