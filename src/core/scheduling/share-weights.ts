import type { FairsharePolicy, ShareAttributes } from '../model/scheduling-policy.ts'

/**
 * What a policy says of a share at each level of the tree, from the top down: of `team/user`, what holds for `team` and
 * what holds for `team/user`. Entries of one level do not overlap, so that at most one holds for each; undefined where
 * none does.
 */
export function shareAttributes(policy: FairsharePolicy, path: string): (ShareAttributes | undefined)[] {
  const entries = policy.shareDistribution ?? []
  return pathsTo(path).map((share) => entries.find(({ shareIdentifier }) => stands(shareIdentifier, share)))
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
  const segments = path.split('/')
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'))
}

/** Whether an entry stands for a share: by its name, or by its beginning at the same level. */
function stands(entry: string, share: string): boolean {
  if (!entry.endsWith('*')) return entry === share
  const stem = entry.slice(0, -1)
  return share.startsWith(stem) && !share.includes('/', stem.length)
}
