import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { Page, PageQuery } from './registry-rpc.ts'
import type { ConfigOf, Kind, ObjectKind, RegistryStore } from './registry-store.ts'

/** What the parts of the registry share. */
export type Catalogue = {
  store: RegistryStore
  now(): number
  uuid(): string
  /** Runs `work` in a transaction; afterwards what was announced in it is told, if it can be told now. */
  change<Value>(work: () => Outcome<Value>): Promise<Outcome<Value>>
  /** Part of a change: the object of that number is to be told its present configuration. */
  announce(kind: ObjectKind, number: number): void
}

/** Configurations by name, unknown names left out; or, with no names, one page of all. */
export function describeConfigs<Of extends Kind>(
  store: RegistryStore,
  kind: Of,
  names: string[],
  { maxResults, nextToken }: PageQuery,
): Outcome<Page<ConfigOf<Of>>> {
  if (names.length > 0) {
    const found = names.map((name) => store.byName(kind, name))
    return accepted({ items: found.filter((config) => config !== undefined) })
  }
  const after = nextToken ? decodeToken(nextToken) : undefined
  if (nextToken && !after) return badToken
  const items = store.list(kind, after?.revision ?? 0, maxResults + 1)
  const page = items.slice(0, maxResults)
  const last = page.at(-1)
  const next =
    items.length > maxResults && last ? { nextToken: encodeToken({ name: kind, revision: last.number }) } : {}
  return accepted({ items: page, ...next })
}

export const badToken = refused('nextToken: not a token of this operation')

export function encodeToken(at: { name: string; revision: number }): string {
  return btoa(JSON.stringify([at.name, at.revision]))
}

export function decodeToken(token: string): { name: string; revision: number } | undefined {
  try {
    const [name, revision] = JSON.parse(atob(token)) as unknown[]
    return typeof name === 'string' && typeof revision === 'number' ? { name, revision } : undefined
  } catch {
    return undefined
  }
}
