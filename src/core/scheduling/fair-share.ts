import { fits, type Resources } from '../model/resources.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import { addUse, type Measure, measureUse, noUse, type Use } from './share-usage.ts'
import { pathsTo } from './share-weights.ts'

/** `shareDecaySeconds` where the policy has none or 0 (AWS Batch API, FairsharePolicy). */
const defaultDecaySeconds = 600

/** The decay's time constant is this part of the window: at the window's end a twentieth is left (e⁻³), and dropped. */
const constantsPerWindow = 3

/** Keys follow the decay in so many steps in a window: they move by less than a third of a percent at once. */
const keyStepsPerWindow = 1_000

const remembersMostMs = 60_000

/**
 * One share, or a level of the tree above shares. `held`: what its attempts hold. `recent`: the average of what they held,
 * the latest weighing most; both with all below it. `at`: when what it holds changed last, and `recent` was worked out; epoch ms.
 */
type ShareUse = { held: Use; recent: Use; attempts: number; at: number; releasedAt: number }

/** What is kept of a share: its name, when, and its recent use (milli vCPUs, MiB, milli GPUs, dollars an hour). */
export type PackedShare = [share: string, at: number, releasedAt: number, ...recent: number[]]

/**
 * Hears of what changes keys besides time: what a share, and so the levels above it, holds, whether less or more; or what
 * all are measured by.
 */
export type UseListener = { useChanged(share: string, isLess: boolean): void; allChanged(): void }

/** The path of a share's own use, beside that of the level of the tree that it is. */
export function ownPath(share: string): string {
  return `${share}/`
}

/**
 * What shares have used and use, and so whose turn it is. The use of a share decays: what it held `age` ms ago counts
 * e^(-age/τ) times as much as what it holds now, τ being a third of `shareDecaySeconds` (AWS does not publish its
 * curve; this is Longshore's). A share's key is its weight factor times the sum of its recent average and what it holds now:
 * the lowest key is next, at every level of the tree. Times are epoch ms.
 */
export class FairShare {
  readonly policy: FairsharePolicy
  listener: UseListener | undefined
  private whole: Resources
  private readonly shares = new Map<string, ShareUse>()
  private readonly windowMs: number
  private most = { held: 0, at: 0 }

  constructor(policy: FairsharePolicy, capacity: Resources) {
    this.policy = policy
    this.whole = capacity
    this.windowMs = 1000 * (policy.shareDecaySeconds || defaultDecaySeconds)
  }

  /** All that the queue's environments may have. */
  get capacity(): Resources {
    return this.whole
  }

  set capacity(capacity: Resources) {
    const before = this.whole
    this.whole = capacity
    if (!fits(before, capacity) || !fits(capacity, before)) this.listener?.allChanged()
  }

  /** An attempt of the share holds `use` from now on. */
  hold(share: string, use: Use, now: number): void {
    this.change(share, use, 1, now)
  }

  /** It has given it back. */
  release(share: string, use: Use, now: number): void {
    this.change(share, use, -1, now)
  }

  /** What the attempts of a share, or of a level above shares, hold. */
  heldBy(path: string): { use: Use; attempts: number } {
    const known = this.shares.get(path)
    return known ? { use: known.held, attempts: known.attempts } : { use: noUse, attempts: 0 }
  }

  /** The time that keys are of: as long as it is the same, they change with what shares hold only. Epoch ms. */
  keyTime(now: number): number {
    const step = this.windowMs / keyStepsPerWindow
    return Math.floor(now / step) * step
  }

  /** The key of a level of the tree, or of a share's own jobs (`ownPath`), with `more` held besides. */
  keyOf(path: string, weight: number, now: number, more: Use = noUse): number {
    const use = this.shares.get(path)
    if (!use) return weight * this.measure(more)
    const left = this.leftOf(use, this.keyTime(now))
    // The average as it has become since, and what is held now.
    return weight * this.measure(addUse(addUse(more, use.recent, left), use.held, 2 - left))
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

  /** The share holds something, or has until its window passed. */
  isRecent(share: string, now: number): boolean {
    const known = this.shares.get(ownPath(share))
    return known !== undefined && !this.isOver(known, now)
  }

  /** Shares that hold something, or have until their window passed. Those with jobs that wait are active too; the queue knows them. */
  recentShares(now: number): string[] {
    this.forget(now)
    const shares: string[] = []
    for (const [path, use] of this.shares)
      if (path.endsWith('/') && !this.isOver(use, now)) shares.push(path.slice(0, -1))
    return shares
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
      const { cpuMilli, memoryMiB, gpuMilli, cost } = this.recentOf(use, now)
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
    for (const path of [...pathsTo(share), ownPath(share)]) {
      const known = this.shares.get(path) ?? {
        held: noUse,
        recent: noUse,
        attempts: 0,
        at: now,
        releasedAt: now,
      }
      this.shares.set(path, known)
      known.recent = this.recentOf(known, now)
      known.at = Math.max(known.at, now)
      known.attempts += sign
      // Sums of fractions must not leave crumbs behind.
      known.held = known.attempts === 0 ? noUse : addUse(known.held, use, sign)
      known.releasedAt = now
    }
    this.listener?.useChanged(share, sign < 0)
  }

  /** The average follows what is held: recent(t) = recent(at)·d + held·(1 − d), d = e^(−(t − at)/τ). */
  private recentOf(use: ShareUse, time: number): Use {
    const left = this.leftOf(use, time)
    return addUse(addUse(noUse, use.recent, left), use.held, 1 - left)
  }

  /** What is left of the average: d, and nothing once the share's window has passed. */
  private leftOf(use: ShareUse, time: number): number {
    const age = time - use.at
    if (age <= 0) return 1
    return this.isOver(use, time) ? 0 : Math.exp((-age * constantsPerWindow) / this.windowMs)
  }

  /** Its window has passed since it held something. */
  private isOver({ attempts, releasedAt }: ShareUse, time: number): boolean {
    return attempts === 0 && time - releasedAt >= this.windowMs
  }

  /** What no key can tell of any more. */
  private forget(now: number): void {
    const time = this.keyTime(now)
    for (const [path, use] of this.shares) if (this.isOver(use, time)) this.shares.delete(path)
  }
}
