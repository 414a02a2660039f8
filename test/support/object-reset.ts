import { reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { limits } from '../../src/core/limits.ts'

/** Numbers that tests of any file have used so far. */
const used = { QUEUE: new Set<number>(), ENVIRONMENT: new Set<number>() }

/** A test works with the object of this number. */
export function noteObject(binding: keyof typeof used, number: number): void {
  used[binding].add(number)
}

/**
 * Empties the storage of every object, once for each test file. The platform's own `reset` passes over objects that have
 * been evicted, and they are after some idle seconds: they are woken first.
 */
export async function resetObjects(): Promise<void> {
  const names: [keyof typeof env, string][] = [
    ['REGISTRY', 'registry'],
    ...Array.from({ length: limits.logShards }, (_, shard) => ['LOGS', `logs-${shard}`] as [never, string]),
    ...[...used.QUEUE].map((number) => ['QUEUE', `queue-${number}`] as [never, string]),
    ...[...used.ENVIRONMENT].map((number) => ['ENVIRONMENT', `environment-${number}`] as [never, string]),
  ]
  await Promise.all(
    names.map(([binding, name]) => {
      const namespace = env[binding] as unknown as DurableObjectNamespace
      return runInDurableObject(namespace.get(namespace.idFromName(name)), () => undefined)
    }),
  )
  await reset()
}
