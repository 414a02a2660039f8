import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { EnvironmentBody } from '../../../src/core/model/environment.ts'
import { EnvironmentObject } from '../../../src/objects/environment/environment-object.ts'
import { QueueObject } from '../../../src/objects/queue/queue-object.ts'
import type { CreateQueue, RegistryRpc } from '../../../src/objects/registry/registry-rpc.ts'
import { aDefinitionBody } from '../../support/builders.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const unmanaged: EnvironmentBody = { type: 'UNMANAGED', state: 'ENABLED' }
const body = aDefinitionBody()
const page = { maxResults: 100 }

afterEach(() => {
  vi.restoreAllMocks()
})

let registries = 0

/** A registry of the test's own. Its queues and environments share objects with those of others, unused here. */
function aRegistry(): DurableObjectStub & RegistryRpc {
  const id = env.REGISTRY.idFromName(`registry-of-test-${registries++}`)
  return env.REGISTRY.get(id as never) as DurableObjectStub & RegistryRpc
}

function aQueue(name: string, environments: string[] = ['e']): CreateQueue {
  return { name, state: 'ENABLED', priority: 1, environments }
}

/** Items of all pages, page by page. */
async function pages<Item>(
  read: (page: { maxResults: number; nextToken?: string }) => Promise<unknown>,
): Promise<Item[][]> {
  const all: Item[][] = []
  let nextToken: string | undefined
  do {
    const token = nextToken === undefined ? {} : { nextToken }
    const outcome = (await read({ maxResults: 2, ...token })) as {
      value: { items: Item[]; nextToken?: string }
    }
    all.push(outcome.value.items)
    nextToken = outcome.value.nextToken
  } while (nextToken !== undefined)
  return all
}

describe('environments and queues', () => {
  it('are created once under a name, and found by it and by number', async () => {
    const registry = aRegistry()
    expect(await registry.createEnvironment('e', unmanaged)).toEqual({ ok: true, value: { name: 'e' } })
    expect(await registry.createQueue(aQueue('q'))).toEqual({ ok: true, value: { name: 'q' } })
    const exists = { ok: false, refusal: { code: 'ClientException', message: 'Object already exists' } }
    expect(await registry.createEnvironment('e', unmanaged)).toEqual(exists)
    expect(await registry.createQueue(aQueue('q'))).toEqual(exists)
    expect([await registry.environmentNumber('e'), await registry.queueNumber('q')]).toEqual([1, 1])
    expect(await registry.queueNumber('unknown')).toBeUndefined()
    expect(await registry.queueConfig(1)).toMatchObject({
      number: 1,
      name: 'q',
      environments: [{ number: 1, name: 'e' }],
    })
    expect(await registry.queueConfig(2)).toBeUndefined()
  })

  it('are still there after an eviction', async () => {
    const registry = aRegistry()
    await registry.createEnvironment('e', unmanaged)
    await registry.createQueue(aQueue('q'))
    const before = await registry.describeQueues([], page)
    await evictDurableObject(registry)
    expect(await registry.describeQueues([], page)).toEqual(before)
    expect(await registry.environmentSetup(1)).toMatchObject({
      config: { name: 'e', leaseMs: 600_000 },
      queues: [{ number: 1, name: 'q', priority: 1 }],
    })
  })

  it('are told to the objects they are of, again until those have answered', async () => {
    const registry = aRegistry()
    const environment = vi.spyOn(EnvironmentObject.prototype, 'configure').mockResolvedValue()
    const queue = vi.spyOn(QueueObject.prototype, 'configure').mockResolvedValue()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    queue.mockRejectedValueOnce(new Error('not now'))
    await registry.createEnvironment('e', unmanaged)
    await registry.createQueue(aQueue('q'))
    await vi.waitFor(() => expect(queue).toHaveBeenCalledTimes(2))
    expect(queue.mock.lastCall).toMatchObject([{ name: 'q', number: 1 }])
    expect(environment.mock.lastCall).toMatchObject([{ name: 'e' }, [{ name: 'q' }]])
  })

  it('are refused where an environment is unknown, and nothing is left behind', async () => {
    const registry = aRegistry()
    expect(await registry.createQueue(aQueue('q', ['unknown']))).toMatchObject({
      ok: false,
      refusal: { message: 'computeEnvironmentOrder: compute environment unknown does not exist' },
    })
    expect(await registry.queueNumber('q')).toBeUndefined()
  })

  it('are limited in number', async () => {
    const registry = aRegistry()
    for (let i = 0; i < limits.environments; i++)
      expect((await registry.createEnvironment(`e${i}`, unmanaged)).ok).toBe(true)
    expect(await registry.createEnvironment('one too many', unmanaged)).toMatchObject({
      ok: false,
      refusal: { message: `At most ${limits.environments} compute environments are allowed` },
    })
  })

  it.each<[string, unknown, number | undefined]>([
    ['absent', {}, 600_000],
    ['given', { 'longshore.leaseSeconds': 30 }, 30_000],
    ['too short', { 'longshore.leaseSeconds': 1 }, undefined],
    ['too long', { 'longshore.leaseSeconds': 86_401 }, undefined],
    ['no number', { 'longshore.leaseSeconds': '30' }, undefined],
  ])('have a lease that is %s', async (_, context, leaseMs) => {
    const registry = aRegistry()
    const outcome = await registry.createEnvironment('e', { ...unmanaged, context: JSON.stringify(context) })
    expect(outcome.ok).toBe(leaseMs !== undefined)
    expect((await registry.environmentSetup(1))?.config.leaseMs).toBe(leaseMs)
  })

  it('are described page by page, or by name without what is unknown', async () => {
    const registry = aRegistry()
    for (const name of ['c', 'a', 'b']) await registry.createEnvironment(name, unmanaged)
    const found = await pages<{ name: string }>((next) => registry.describeEnvironments([], next))
    expect(found.map((items) => items.map(({ name }) => name))).toEqual([['c', 'a'], ['b']])
    expect(await registry.describeEnvironments(['b', 'unknown', 'c'], page)).toMatchObject({
      value: { items: [{ name: 'b' }, { name: 'c' }] },
    })
  })

  it('are not described for a token that is not theirs', async () => {
    const registry = aRegistry()
    for (const nextToken of ['garbage', btoa('{}'), btoa('[1,2]')])
      expect(await registry.describeQueues([], { ...page, nextToken })).toMatchObject({
        ok: false,
        refusal: { message: 'nextToken: not a token of this operation' },
      })
  })
})

describe('job definitions', () => {
  it('count their revisions from 1, each name for itself', async () => {
    const registry = aRegistry()
    const register = async (name: string) => {
      const outcome = await registry.registerDefinition(name, body)
      return outcome.ok && outcome.value
    }
    expect([await register('a'), await register('b'), await register('a')]).toEqual([
      { name: 'a', revision: 1 },
      { name: 'b', revision: 1 },
      { name: 'a', revision: 2 },
    ])
  })

  it('resolve to the revision named, or to the newest', async () => {
    const registry = aRegistry()
    await registry.registerDefinition('a', { ...body, parameters: { revision: 'one' } })
    await registry.registerDefinition('a', { ...body, parameters: { revision: 'two' } })
    const refs = [{ name: 'a' }, { name: 'a', revision: 1 }, { name: 'a', revision: 3 }, { name: 'b' }]
    const found = await registry.resolveDefinitions(refs)
    expect(found.map((definition) => definition?.body.parameters?.revision)).toEqual([
      'two',
      'one',
      undefined,
      undefined,
    ])
  })

  it('are described page by page in order, and by name or reference', async () => {
    const registry = aRegistry()
    for (const name of ['b', 'a', 'b', 'b', 'c']) await registry.registerDefinition(name, body)
    const idsOf = (items: { name: string; revision: number }[]) =>
      items.map(({ name, revision }) => `${name}:${revision}`)
    type Item = { name: string; revision: number }
    const all = await pages<Item>((next) => registry.describeDefinitions({ page: next }))
    expect(all.map(idsOf)).toEqual([['a:1', 'b:1'], ['b:2', 'b:3'], ['c:1']])
    const named = await pages<Item>((next) => registry.describeDefinitions({ name: 'b', page: next }))
    expect(named.map(idsOf)).toEqual([['b:1', 'b:2'], ['b:3']])
    const refs = [{ name: 'b', revision: 2 }, { name: 'unknown' }, { name: 'a' }]
    const found = await registry.describeDefinitions({ refs })
    expect(found.ok && idsOf(found.value.items)).toEqual(['b:2', 'a:1'])
    const inactive = await registry.describeDefinitions({ status: 'INACTIVE', page })
    expect(inactive).toEqual({ ok: true, value: { items: [] } })
  })
})
