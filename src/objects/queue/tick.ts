import { limits } from '../../core/limits.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { Candidate } from './place-request.ts'

/** What is known of a job for which there was no room: what the closest host lacks, and by when room is kept for it. */
export type Refusal = { short: readonly Lack[]; reservedAt?: number }

/** What a tick has learned: of which shapes there is no room left, and why shares are passed over. */
export class Tick {
  /** By shape. */
  private readonly refusals = new Map<string, Refusal>()
  private lookedAt = 0
  /** Environments that have been asked to place. */
  readonly asked = new Set<number>()
  /** Why shares are not asked for, by number. */
  readonly shareReasons = new Map<number, string>()
  /** Why the queue as a whole is not. */
  queueReason: string | undefined

  /** Somebody found no room: what stands behind is let through only where that does not delay it. */
  get blocked(): boolean {
    return this.refusals.size > 0
  }

  refused(shape: string): Refusal | undefined {
    return this.refusals.get(shape)
  }

  refuse({ shape }: Candidate, refusal: Refusal): void {
    if (!this.refusals.has(shape)) this.refusals.set(shape, refusal)
  }

  get hasLookedFarEnough(): boolean {
    return this.lookedAt > limits.backfillWindow
  }

  /** Counts a job looked at behind one that found no room; true once it has been enough. */
  lookedFarEnough(): boolean {
    if (this.blocked) this.lookedAt++
    return this.hasLookedFarEnough
  }
}
