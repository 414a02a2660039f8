import type { Resources } from '../model/resources.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import { addUse, type Measure, measureUse, noUse, type Use } from './share-usage.ts'
import { pathsTo } from './share-weights.ts'

/** `shareDecaySeconds` where the policy has none or 0 (AWS Batch API, FairsharePolicy). */
const defaultDecaySeconds = 600

/** The decay's time constant is this part of the window: at the window's end a twentieth is left (e⁻³), and dropped. */
const constantsPerWindow = 3

const remembersMostMs = 60_000

/** Where a share's own use is kept, beside that of the level of the tree that it is. */
const own = (share: string) => `${share}/`

/**
 * One share, or a level of the tree above shares. `held`: what its attempts hold. `recent`: the average of what they held,
 * the latest weighing most; both with all below it. `at`: when `recent` was worked out; epoch ms.
 */
export type ShareUse = { held: Use; recent: Use; attempts: number; at: number; releasedAt: number }

/** What is kept of a share: its name, when, and its recent use (milli vCPUs, MiB, milli GPUs, dollars an hour). */
export type PackedShare = [share: string, at: number, releasedAt: number, ...recent: number[]]

/**
 * What shares have used and use, and so whose turn it is. The use of a share decays: what it held `age` ms ago counts
 * e^(-age/τ) times as much as what it holds now, τ being a third of `shareDecaySeconds` (AWS does not publish its
 * curve; this is Longshore's). A share's key is its weight factor times the sum of its recent average and what it holds now:
 * the lowest key is next, at every level of the tree. Times are epoch ms.
 */
export class FairShare {
  readonly policy: FairsharePolicy
  /** All that the queue's environments may have. */
  capacity: Resources
  private readonly shares = new Map<string, ShareUse>()
  private readonly windowMs: number
  private most = { held: 0, at: 0 }

  constructor(policy: FairsharePolicy, capacity: Resources) {
    this.policy = policy
    this.capacity = capacity
    this.windowMs = 1000 * (policy.shareDecaySeconds || defaultDecaySeconds)
  }

  /** An attempt of the share holds `use` from now on. */
  hold(share: string, use: Use, now: number): void {
    this.change(share, use, 1, now)
  }

  /** It has given it back. */
  release(share: string, use: Use, now: number): void {
    this.change(share, use, -1, now)
  }

  /** What a share, or a level above shares, uses; undefined while nothing is known of it. */
  useOf(path: string, now: number): ShareUse | undefined {
    const known = this.shares.get(path)
    if (known) this.decay(known, now)
    return known
  }

  /** What a share's own jobs use, without those of shares below it. */
  ownUse(share: string, now: number): ShareUse | undefined {
    return this.useOf(own(share), now)
  }

  /** The key of a level of the tree, with `more` held besides. */
  keyOf(path: string, weight: number, now: number, more: Use = noUse): number {
    const use = this.useOf(path, now)
    const sum = use ? addUse(addUse(use.recent, use.held), more) : more
    return weight * this.measure(sum)
  }

  /** The key of a share's own jobs beside those of shares below it. */
  ownKey(share: string, now: number, more: Use): number {
    return this.keyOf(own(share), 1, now, more)
  }

  /** A use as one number, by what the policy counts. */
  measure(use: Use): number {
    const measure: Measure = this.policy.usage ?? 'VCPU'
    return measureUse(use, measure, this.capacity)
  }

  /**
   * What all attempts hold together, as `total` says now, or held within the last minute if that is more: what one share
   * has just given up is there for another.
   */
  mostHeld(total: number, now: number): number {
    if (total >= this.most.held || now - this.most.at > remembersMostMs) this.most = { held: total, at: now }
    return this.most.held
  }

  /** Shares that hold something, or have until their window passed. Those with jobs that wait are active too; the queue knows them. */
  recentShares(now: number): string[] {
    this.forget(now)
    return [...this.shares.keys()].filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1))
  }

  /**
   * The vCPUs, in thousandths, that all shares together may hold: the rest, (computeReservation / 100)^active of the
   * capacity, is kept for shares that are not active yet (AWS Batch API, FairsharePolicy).
   */
  reservedLimit(active: number): number {
    const part = (this.policy.computeReservation ?? 0) / 100
    if (part === 0) return Number.POSITIVE_INFINITY
    return this.capacity.cpuMilli * (1 - part ** Math.max(1, active))
  }

  /** What must outlive memory; what is held is not: the placements tell it. */
  pack(now: number): PackedShare[] {
    this.forget(now)
    return [...this.shares].map(([share, use]) => {
      this.decay(use, now)
      const { cpuMilli, memoryMiB, gpuMilli, cost } = use.recent
      return [share, now, use.releasedAt, cpuMilli, memoryMiB, gpuMilli, cost]
    })
  }

  /** Takes up what was packed; what is held is told anew. */
  unpack(packed: readonly PackedShare[]): void {
    for (const [share, at, releasedAt, cpuMilli = 0, memoryMiB = 0, gpuMilli = 0, cost = 0] of packed)
      this.shares.set(share, {
        held: noUse,
        recent: { cpuMilli, memoryMiB, gpuMilli, cost },
        attempts: 0,
        at,
        releasedAt,
      })
  }

  private change(share: string, use: Use, sign: 1 | -1, now: number): void {
    for (const path of [...pathsTo(share), own(share)]) {
      const known = this.shares.get(path) ?? {
        held: noUse,
        recent: noUse,
        attempts: 0,
        at: now,
        releasedAt: now,
      }
      this.shares.set(path, known)
      this.decay(known, now)
      known.attempts += sign
      // Sums of fractions must not leave crumbs behind.
      known.held = known.attempts === 0 ? noUse : addUse(known.held, use, sign)
      known.releasedAt = now
    }
  }

  /** The average follows what is held: recent(t) = recent(at)·d + held·(1 − d), d = e^(−(t − at)/τ). */
  private decay(use: ShareUse, now: number): void {
    const age = now - use.at
    if (age <= 0) return
    if (use.attempts === 0 && now - use.releasedAt >= this.windowMs) use.recent = noUse
    else {
      const left = Math.exp((-age * constantsPerWindow) / this.windowMs)
      const zero = use.recent === noUse && use.held === noUse
      if (!zero) use.recent = addUse(addUse(noUse, use.recent, left), use.held, 1 - left)
    }
    use.at = now
  }

  private forget(now: number): void {
    for (const [path, use] of this.shares)
      if (use.attempts === 0 && now - use.releasedAt >= this.windowMs) this.shares.delete(path)
  }
}
