import type { FairsharePolicy, ShareAttributes } from '../model/scheduling-policy.ts'

/** By identifier; `prefixed`: the levels of which an entry ends in `*`. `found`: what has been asked for before. */
type Entries = {
  named: ReadonlyMap<string, ShareAttributes>
  prefixed: ReadonlySet<string>
  found: Map<string, (ShareAttributes | undefined)[]>
}

/** Shares whose attributes are remembered: more than may be active at once. */
const keptShares = 2_000

/** The entries of each policy that has been asked: a tick looks up every share that waits. */
const entriesOf = new WeakMap<FairsharePolicy, Entries>()

/**
 * What a policy says of a share at each level of the tree, from the top down: of `team/user`, what holds for `team` and
 * what holds for `team/user`. Entries of one level do not overlap, so that at most one holds for each; undefined where
 * none does.
 */
export function shareAttributes(policy: FairsharePolicy, path: string): (ShareAttributes | undefined)[] {
  const entries = entriesOf.get(policy) ?? indexed(policy)
  const known = entries.found.get(path)
  if (known) return known
  const attributes = pathsTo(path).map((share) => entryFor(entries, share))
  if (entries.found.size >= keptShares) entries.found.clear()
  entries.found.set(path, attributes)
  return attributes
}

/**
 * The weight factor of a share at each level of the tree, from the top down; 1 where the policy gives none. An entry
 * that ends in `*` gives its factor to every share that begins so (AWS: ShareAttributes).
 */
export function weightOf(policy: FairsharePolicy, path: string): number[] {
  return shareAttributes(policy, path).map((entry) => entry?.weightFactor ?? 1)
}

/** The shares from the top of the tree to this one: `a`, `a/b` and `a/b/c` of `a/b/c`. */
export function pathsTo(path: string): string[] {
  if (!path.includes('/')) return [path]
  const segments = path.split('/')
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'))
}

function indexed(policy: FairsharePolicy): Entries {
  const distribution = policy.shareDistribution ?? []
  const entries = {
    named: new Map(distribution.map((entry) => [entry.shareIdentifier, entry])),
    prefixed: new Set(
      distribution.flatMap(({ shareIdentifier: share }) => (share.endsWith('*') ? [levelOf(share)] : [])),
    ),
    found: new Map(),
  }
  entriesOf.set(policy, entries)
  return entries
}

/** The entry of a share's name, or of how it begins within its own level. */
function entryFor({ named, prefixed }: Entries, share: string): ShareAttributes | undefined {
  const exact = named.get(share)
  if (exact || prefixed.size === 0) return exact
  const level = levelOf(share)
  if (!prefixed.has(level)) return undefined
  for (let end = share.length; end >= level.length; end--) {
    const entry = named.get(`${share.slice(0, end)}*`)
    if (entry) return entry
  }
  return undefined
}

/** The path to the share's siblings, with its last `/`; empty at the top. */
function levelOf(share: string): string {
  return share.slice(0, share.lastIndexOf('/') + 1)
}
