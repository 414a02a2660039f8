import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { present } from '../../../src/core/assert.ts'
import { limits } from '../../../src/core/limits.ts'
import type { EnvironmentBody } from '../../../src/core/model/environment.ts'
import type { SchedulingSettings } from '../../../src/core/model/queue.ts'
import { QueueObject } from '../../../src/objects/queue/queue-object.ts'
import type { CreateQueue, RegistryRpc } from '../../../src/objects/registry/registry-rpc.ts'
import { aDefinitionBody } from '../../support/builders.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

afterEach(() => {
  vi.restoreAllMocks()
})

const unmanaged: EnvironmentBody = { type: 'UNMANAGED', state: 'ENABLED' }
const page = { maxResults: 100 }
const done = { ok: true, value: {} }
const arn = (name: string) => `arn:aws:batch:us-east-1:1:scheduling-policy/${name}`
let registries = 0

function aRegistry(): DurableObjectStub & RegistryRpc {
  const id = env.REGISTRY.idFromName(`registry-of-lifecycle-${registries++}`)
  return env.REGISTRY.get(id as never) as DurableObjectStub & RegistryRpc
}

function aQueue(name: string, members: Partial<CreateQueue> = {}): CreateQueue {
  return { name, state: 'ENABLED', priority: 1, environments: ['e'], ...members }
}

function says(message: string) {
  return { ok: false, refusal: { code: 'ClientException', message: expect.stringContaining(message) } }
}

describe('a queue in the catalogue', () => {
  it('changes, and tells its object', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    await registry.createEnvironment('f', unmanaged)
    await registry.createQueue(aQueue('q'))
    const told = vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    const change = { priority: 7, environments: ['f', 'e'], environmentOrders: [3, 5] }
    expect(await registry.updateQueue('q', change)).toEqual({ ok: true, value: { name: 'q' } })
    expect(told.mock.lastCall).toMatchObject([
      { priority: 7, state: 'ENABLED', environments: [{ name: 'f' }, { name: 'e' }], capability: 'EC2' },
    ])
    const setup = await registry.environmentSetup(2)
    expect(setup?.queues).toEqual([{ number: 1, name: 'q', priority: 7 }])
    await evictDurableObject(registry)
    expect(await registry.describeQueues(['q'], page)).toMatchObject({
      value: { items: [{ environmentOrders: [3, 5], environments: [{ name: 'f' }, { name: 'e' }] }] },
    })
  })

  it('is not changed where a rule forbids it', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    const network = { subnets: ['s'], securityGroupIds: ['g'] }
    const fargate = { type: 'FARGATE', maxvCpus: 4, ...network } as const
    await registry.createEnvironment('fargate', { ...unmanaged, type: 'MANAGED', computeResources: fargate })
    await registry.createQueue(aQueue('q'))
    await registry.createPolicy('p', {})
    const before = await registry.describeQueues([], page)
    const update = (change: Parameters<RegistryRpc['updateQueue']>[1]) => registry.updateQueue('q', change)
    expect(await registry.updateQueue('x', {})).toEqual(says('jobQueue: job queue x does not exist'))
    expect(await update({ environments: ['x'] })).toEqual(says('compute environment x does not exist'))
    expect(await update({ environments: ['e', 'fargate'] })).toEqual(says('cannot be mixed'))
    expect(await update({ schedulingPolicyArn: arn('p') })).toEqual(says('cannot be given'))
    expect(await registry.deleteQueue('q')).toEqual(says('Cannot delete, state must be DISABLED'))
    expect(await registry.deleteQueue('x')).toEqual(says('does not exist'))
    expect(await registry.createQueue(aQueue('r', { schedulingPolicyArn: arn('x') }))).toEqual(
      says('does not exist'),
    )
    expect(await registry.describeQueues([], page)).toEqual(before)
    await registry.createQueue(aQueue('f', { environments: ['fargate'] }))
    expect(await registry.queueConfig(2)).toMatchObject({ capability: 'FARGATE' })
  })

  it('keeps how it schedules until that is replaced, whole', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    const schedulingSettings: SchedulingSettings = { blockedHead: 'STRICT', limits: { vcpus: 8 } }
    await registry.createQueue(aQueue('q', { schedulingSettings }))
    const told = vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    const update = (change: Parameters<RegistryRpc['updateQueue']>[1]) => registry.updateQueue('q', change)
    await update({ priority: 7 })
    expect(told.mock.lastCall).toMatchObject([{ priority: 7, schedulingSettings }])
    expect(await update({ schedulingSettings: { preemption: ['SHARES'] } })).toEqual(says('SHARES is for'))
    await update({ schedulingSettings: { preemption: ['LOWER_QUEUES'] } })
    expect((await registry.queueConfig(1))?.schedulingSettings).toEqual({ preemption: ['LOWER_QUEUES'] })
    await update({ schedulingSettings: {} })
    expect(await registry.queueConfig(1)).not.toHaveProperty('schedulingSettings')
    expect(told.mock.lastCall?.[0]).not.toHaveProperty('schedulingSettings')
  })

  it('counts as long as it exists', async () => {
    const registry = aRegistry()
    vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    await registry.createEnvironment('e', unmanaged)
    for (let i = 0; i < limits.queues; i++)
      expect((await registry.createQueue(aQueue(`q${i}`, { state: 'DISABLED' }))).ok).toBe(true)
    expect(await registry.createQueue(aQueue('more'))).toEqual(says('At most 50 job queues'))
    expect(await registry.deleteQueue('q49')).toEqual(done)
    expect((await registry.createQueue(aQueue('more'))).ok).toBe(true)
    // Numbers are parts of ids: the last one is not given again.
    expect(await registry.queueNumber('more')).toBe(limits.queues + 1)
  })

  it('tells its object of its deletion again until that has answered', async () => {
    const registry = aRegistry()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await registry.createEnvironment('e', unmanaged)
    await registry.createQueue(aQueue('q', { state: 'DISABLED' }))
    const told = vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    told.mockRejectedValueOnce(new Error('not now'))
    expect(await registry.deleteQueue('q')).toEqual(done)
    expect(await registry.queueConfig(1)).toMatchObject({ deleted: true })
    await vi.waitFor(async () => expect(await registry.queueConfig(1)).toBeUndefined())
    expect(told.mock.lastCall).toMatchObject([{ name: 'q', deleted: true }])
  })
})

describe('a scheduling policy', () => {
  const fairsharePolicy = { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 0.5 }] }

  it('is told to the queues that have it, also when it changes', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    expect(await registry.createPolicy('p', { fairsharePolicy }, { t: '1' })).toEqual({
      ok: true,
      value: { name: 'p' },
    })
    await registry.createQueue(aQueue('q', { schedulingPolicyArn: arn('p') }))
    expect(await registry.queueConfig(1)).toMatchObject({ schedulingPolicyArn: arn('p'), fairsharePolicy })
    const told = vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    const { version } = present(await registry.queueConfig(1), 'config')
    expect(await registry.updatePolicy('p', { fairsharePolicy: { computeReservation: 5 } })).toEqual(done)
    expect(told.mock.lastCall).toMatchObject([
      { fairsharePolicy: { computeReservation: 5 }, version: present(version, 'version') + 1 },
    ])
    expect(await registry.describePolicies(['p', 'x'], page)).toMatchObject({
      value: {
        items: [{ name: 'p', body: { fairsharePolicy: { computeReservation: 5 } }, tags: { t: '1' } }],
      },
    })
  })

  it('is deleted when no queue has it, and a queue may exchange it for another', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    for (const name of ['p', 'r']) await registry.createPolicy(name, { fairsharePolicy })
    await registry.createQueue(aQueue('q', { schedulingPolicyArn: arn('p') }))
    expect(await registry.deletePolicy('p')).toEqual(says('found existing JobQueue relationship'))
    expect(await registry.updateQueue('q', { schedulingPolicyArn: '' })).toEqual(says('not removed'))
    expect((await registry.updateQueue('q', { schedulingPolicyArn: arn('r') })).ok).toBe(true)
    expect(await registry.deletePolicy('p')).toEqual(done)
    for (const refused of [registry.deletePolicy('p'), registry.updatePolicy('p', {})])
      expect(await refused).toEqual(says('arn: scheduling policy p does not exist'))
    expect(await registry.createPolicy('r', {})).toEqual(says('already exists'))
  })
})

describe('a job definition', () => {
  it('that is deregistered is INACTIVE, still describes, and is no longer the newest', async () => {
    const registry = aRegistry()
    const body = { ...aDefinitionBody(), tags: { t: '1' } }
    for (let i = 0; i < 2; i++) await registry.registerDefinition('d', body)
    for (let i = 0; i < 2; i++)
      expect(await registry.deregisterDefinition({ name: 'd', revision: 2 })).toEqual(done)
    const refs = [{ name: 'd', revision: 2 }, { name: 'd' }]
    expect(await registry.describeDefinitions({ refs })).toMatchObject({
      value: {
        items: [
          { revision: 2, status: 'INACTIVE', body },
          { revision: 1, status: 'ACTIVE' },
        ],
      },
    })
    const inactive = await registry.describeDefinitions({ status: 'INACTIVE', page })
    expect(inactive).toMatchObject({ value: { items: [{ revision: 2 }] } })
    expect(await registry.deregisterDefinition({ name: 'd', revision: 3 })).toEqual(
      says('jobDefinition: job definition d:3 does not exist'),
    )
    expect(await registry.registerDefinition('d', body)).toMatchObject({ value: { revision: 3 } })
  })

  it('has at most 24 KiB', async () => {
    const body = { ...aDefinitionBody(), parameters: { a: 'x'.repeat(24 * 1024) } }
    expect(await aRegistry().registerDefinition('d', body)).toEqual(says('Job definition is too large'))
  })
})

describe('tags', () => {
  it('are merged and removed on everything the registry keeps', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', { ...unmanaged, tags: { a: '1' } })
    await registry.createQueue(aQueue('q', { tags: { a: '1' } }))
    await registry.createPolicy('p', {}, { a: '1' })
    await registry.registerDefinition('d', { ...aDefinitionBody(), tags: { a: '1' } })
    const resources = [
      { kind: 'environment', name: 'e' },
      { kind: 'queue', name: 'q' },
      { kind: 'policy', name: 'p' },
      { kind: 'definition', name: 'd', revision: 1 },
    ] as const
    for (const resource of resources) {
      expect(await registry.changeTags(resource, { add: { b: '2' } })).toEqual(done)
      expect(await registry.changeTags(resource, { remove: ['a'] })).toEqual(done)
      expect(await registry.tagsOf(resource)).toEqual({ ok: true, value: { b: '2' } })
      expect(await registry.changeTags(resource, { add: { 'aws:x': '' } })).toEqual(says('reserved'))
      expect(await registry.tagsOf({ ...resource, name: 'x' })).toEqual(says('does not exist'))
    }
  })
})
