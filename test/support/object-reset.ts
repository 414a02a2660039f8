import { reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { limits } from '../../src/core/limits.ts'

/**
 * Empties the storage of every object, once for each test file. The platform's own `reset` passes over objects that have
 * been evicted, and they are after some idle seconds: they are woken first.
 */
export async function resetObjects(): Promise<void> {
  await Promise.all([
    wake('CONSUMABLES', 'consumables'),
    ...times(limits.logShards, (nth) => wake('LOGS', `logs-${nth}`)),
    ...times(await numbersGiven('queue'), (nth) => wake('QUEUE', `queue-${nth + 1}`)),
    ...times(await numbersGiven('environment'), (nth) => wake('ENVIRONMENT', `environment-${nth + 1}`)),
  ])
  await reset()
}

/** How many numbers, from 1, the Registry has given to things of a kind, deleted ones too. */
async function numbersGiven(kind: 'queue' | 'environment'): Promise<number> {
  return runInDurableObject(stubOf('REGISTRY', 'registry'), (_, { storage }) => {
    const rows = storage.sql.exec('SELECT seq FROM sqlite_sequence WHERE name = ?', kind).toArray()
    return Number(rows[0]?.seq ?? 0)
  })
}

function wake(binding: keyof typeof env, name: string): Promise<void> {
  return runInDurableObject(stubOf(binding, name), () => undefined)
}

function stubOf(binding: keyof typeof env, name: string): DurableObjectStub {
  const namespace = env[binding] as unknown as DurableObjectNamespace
  return namespace.get(namespace.idFromName(name))
}

function times<Result>(count: number, work: (nth: number) => Result): Result[] {
  return Array.from({ length: count }, (_, nth) => work(nth))
}
