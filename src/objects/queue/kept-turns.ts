import type { FairShare, UseListener } from '../../core/scheduling/fair-share.ts'
import type { ShareLimit } from '../../core/scheduling/limit-check.ts'
import { ShareWalk, type WaitingShare } from '../../core/scheduling/share-walk.ts'
import { pathsTo } from '../../core/scheduling/share-weights.ts'

/** A share that is passed over. `since`: as of a share that waits. */
type Passed = WaitingShare & ShareLimit

/**
 * The turns of the shares that wait, kept from tick to tick. A share whose next job would break a limit, by what attempts
 * hold already, is passed over until one of those ends or its own jobs change, so that no tick goes through shares that can have nothing.
 */
export class KeptTurns implements UseListener {
  readonly fair: FairShare
  private readonly walk: ShareWalk
  private readonly passed = new Map<string, Passed>()
  /** Shares that are passed over, by the level of the tree whose limit they would break. */
  private readonly passedAt = new Map<string, Set<string>>()

  constructor(fair: FairShare, waiting: Iterable<WaitingShare>, now: number) {
    this.fair = fair
    this.walk = new ShareWalk(fair, waiting, now)
    fair.listener = this
  }

  /** Begins a round; `now`: epoch ms. */
  begin(now: number): ShareWalk {
    this.walk.restart(now)
    return this.walk
  }

  /** The same with shares that are passed over. */
  beginWithAll(now: number): ShareWalk {
    const walk = this.begin(now)
    for (const { share, since } of this.passed.values()) walk.join(share, since)
    return walk
  }

  /** The jobs of a share have changed: since when the first waits, if any does. */
  waits(share: string, since: number | undefined): void {
    this.forget(share)
    this.walk.waits(share, since)
  }

  passOver(share: string, since: number, limit: ShareLimit): void {
    this.forget(share)
    this.walk.waits(share, undefined)
    this.passed.set(share, { share, since, ...limit })
    const others = this.passedAt.get(limit.level) ?? new Set()
    this.passedAt.set(limit.level, others.add(share))
  }

  /** Why the share is passed over, if it is. */
  limitOf(share: string): string | undefined {
    return this.passed.get(share)?.reason
  }

  useChanged(share: string, isLess: boolean): void {
    this.walk.useChanged(share)
    if (!isLess) return
    for (const level of pathsTo(share))
      for (const passed of this.passedAt.get(level) ?? []) this.waits(passed, this.passed.get(passed)!.since)
  }

  allChanged(): void {
    this.walk.allChanged()
  }

  private forget(share: string): void {
    const known = this.passed.get(share)
    if (!known) return
    this.passed.delete(share)
    const others = this.passedAt.get(known.level)!
    others.delete(share)
    if (others.size === 0) this.passedAt.delete(known.level)
  }
}
