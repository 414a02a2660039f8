import type { FairShare } from './fair-share.ts'
import { shareEntitlements } from './share-entitlements.ts'

/**
 * Which shares of a queue have more than they are entitled to, and which of the asks of one tick may have room from them: an
 * ask may while its share would have no more than it is entitled to. All is counted as the policy counts use.
 */
export class Reclaims {
  /** By how much each share that has too much is above what it is entitled to. */
  readonly excess = new Map<string, number>()
  private readonly has: Map<string, number>
  private readonly entitled: ReadonlyMap<string, number>

  /** `holds`: what shares hold for longer; `waiting`: those with jobs that wait; `capacity`: what there is to divide. */
  constructor(
    fair: FairShare,
    holds: ReadonlyMap<string, number>,
    waiting: ReadonlySet<string>,
    capacity: number,
  ) {
    const shares = [...new Set([...holds.keys(), ...waiting])].map((share) => ({
      share,
      holds: holds.get(share) ?? 0,
      waits: waiting.has(share),
    }))
    this.has = new Map(holds)
    this.entitled = shareEntitlements(fair.policy, shares, capacity)
    for (const { share, holds } of shares) {
      const over = holds - this.entitled.get(share)!
      if (over > 0) this.excess.set(share, over)
    }
  }

  /** Counts an attempt that is asked for; whether it may have room from others. */
  take(share: string, cost: number): boolean {
    const then = (this.has.get(share) ?? 0) + cost
    this.has.set(share, then)
    return then <= (this.entitled.get(share) ?? 0)
  }
}
