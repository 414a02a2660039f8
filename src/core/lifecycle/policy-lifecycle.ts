import { accepted, type Outcome, refused } from '../model/outcome.ts'
import type { PolicyBody } from '../model/scheduling-policy.ts'
import { pathsTo } from '../scheduling/share-weights.ts'

/** A new policy's body, or the rule it breaks. */
export function createdPolicy(body: PolicyBody): Outcome<PolicyBody> {
  if (body.fairsharePolicy && body.quotaSharePolicy)
    return refused('quotaSharePolicy: only one of fairsharePolicy and quotaSharePolicy may be given')
  const overlap = overlappingShares(body)
  return overlap === undefined ? accepted(body) : refused(overlap)
}

/** A policy's body after a change, which may not change its kind. */
export function updatedPolicy(now: PolicyBody, change: PolicyBody): Outcome<PolicyBody> {
  if (now.quotaSharePolicy ? change.fairsharePolicy : change.quotaSharePolicy)
    return refused(
      `${now.quotaSharePolicy ? 'fairsharePolicy' : 'quotaSharePolicy'}: the kind of a scheduling policy cannot be changed`,
    )
  return createdPolicy({ ...now, ...change })
}

/**
 * Shares must not overlap: `a*` stands for everything that begins with `a`, `ab` and `ab*` included (AWS's rule), and at
 * its own level of the tree only: `a*` and `ab/c` say different things.
 */
function overlappingShares({ fairsharePolicy }: PolicyBody): string | undefined {
  const shares = (fairsharePolicy?.shareDistribution ?? []).map(({ shareIdentifier }) => shareIdentifier)
  for (const siblings of Map.groupBy(shares, (share) => pathsTo(share).at(-2)).values()) {
    const overlap = overlappingSiblings(siblings)
    if (overlap !== undefined) return overlap
  }
  return undefined
}

function overlappingSiblings(shares: string[]): string | undefined {
  // In order of their text, a prefix comes right before what it covers.
  const sorted = shares.sort((a, b) => compare(stem(a), stem(b)) || compare(b, a))
  let prefix: string | undefined
  for (const [i, share] of sorted.entries()) {
    const before = sorted[i - 1]
    if (share === before) return overlap(before, share)
    if (prefix !== undefined && stem(share).startsWith(stem(prefix))) return overlap(prefix, share)
    if (share.endsWith('*')) prefix = share
  }
  return undefined
}

function overlap(a: string, b: string): string {
  return `fairsharePolicy.shareDistribution: share identifiers ${a} and ${b} overlap`
}

function stem(share: string): string {
  return share.endsWith('*') ? share.slice(0, -1) : share
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
