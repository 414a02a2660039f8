import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import { entitlements } from './entitlements.ts'
import { pathsTo, weightOf } from './share-weights.ts'

/** What a share's own attempts hold, by what the policy counts, and whether it has jobs that wait for room. */
export type ShareStanding = { readonly share: string; readonly holds: number; readonly waits: boolean }

/** A level of the tree: `own` is the share that this level is, beside the levels below. */
type Level = { weight: number; demand: number; own?: ShareStanding; below: Map<string, Level> }

/**
 * What each share is entitled to of `capacity`, which is at least what they hold together: weighted max-min fairness at every level of the tree, the
 * weight of a share being one over its weight factor. A share that waits could use all of it, one that does not what it
 * holds.
 */
export function shareEntitlements(
  policy: FairsharePolicy,
  standings: readonly ShareStanding[],
  capacity: number,
): Map<string, number> {
  const root = newLevel(1)
  for (const standing of standings) {
    const weights = weightOf(policy, standing.share)
    const demand = standing.waits ? Number.POSITIVE_INFINITY : standing.holds
    let at = root
    at.demand += demand
    for (const [i, path] of pathsTo(standing.share).entries()) {
      const level = at.below.get(path) ?? newLevel(1 / weights[i]!)
      at.below.set(path, level)
      level.demand += demand
      at = level
    }
    at.own = standing
  }
  const found = new Map<string, number>()
  divide(root, capacity, found)
  return found
}

function divide({ own, below }: Level, capacity: number, found: Map<string, number>): void {
  const levels = [...below.values()]
  const parties = own ? [ownParty(own), ...levels] : levels
  const parts = entitlements(capacity, parties)
  if (own) found.set(own.share, parts.shift()!)
  for (const [i, level] of levels.entries()) divide(level, parts[i]!, found)
}

function ownParty({ holds, waits }: ShareStanding) {
  return { weight: 1, demand: waits ? Number.POSITIVE_INFINITY : holds }
}

function newLevel(weight: number): Level {
  return { weight, demand: 0, below: new Map() }
}
