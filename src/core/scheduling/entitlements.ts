/** One that may have a part of the capacity. `demand`: what it would use, `weight`: the larger the more it may have. */
export type Party = { weight: number; demand: number }

/**
 * Weighted max-min shares of a capacity by water-filling: nobody gets more than its demand, what it leaves is divided among
 * the rest by weight. All in one unit; the answer in the order of the parties.
 */
export function entitlements(capacity: number, parties: readonly Party[]): number[] {
  const given = parties.map(() => 0)
  const open = parties.map((_, at) => at).sort((a, b) => level(parties[a]!) - level(parties[b]!))
  let left = capacity
  let weights = parties.reduce((sum, { weight }) => sum + weight, 0)
  for (const at of open) {
    const { weight, demand } = parties[at]!
    given[at] = Math.min(demand, weights > 0 ? (left * weight) / weights : 0)
    left -= given[at]!
    weights -= weight
  }
  return given
}

/** The height of the water at which it has all it demands. */
function level({ weight, demand }: Party): number {
  return weight > 0 ? demand / weight : Number.POSITIVE_INFINITY
}
