export type Backoff = { firstMs: number; longestMs: number }

/**
 * How long to wait before try number `attempt` (from 0): doubling, half of it by chance so that many that lost the same
 * server do not come back at once. `chance` is in [0, 1).
 */
export function backoffMs(attempt: number, chance: number, { firstMs, longestMs }: Backoff): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30))
  return Math.round(ceiling / 2 + (ceiling / 2) * chance)
}
