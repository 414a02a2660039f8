import { limits } from '../../core/limits.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { RoomBeingMade } from '../environment/environment-rpc.ts'
import type { Candidate } from './place-request.ts'

/** By when room is kept for a job, and who makes it. */
export type ComingRoom = { reservedAt?: number; roomBeingMade?: RoomBeingMade }
/** What is known of a job for which there was no room: what the closest host lacks, and what room is to come. */
export type Refusal = ComingRoom & { short: readonly Lack[] }

/** What a tick has learned: of which shapes there is no room left, and why shares are passed over. */
export class Tick {
  /** By shape. */
  private readonly refusals = new Map<string, Refusal>()
  /** By job. */
  private readonly coming = new Map<number, ComingRoom>()
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

  /** What room is to come for a job itself, of an array for the children that were asked for. */
  comingFor(seq: number): ComingRoom {
    return this.coming.get(seq) ?? {}
  }

  refuse({ shape, job }: Candidate, refusal: Refusal): void {
    if (!this.refusals.has(shape)) this.refusals.set(shape, refusal)
    const { reservedAt, roomBeingMade } = refusal
    if (reservedAt !== undefined || roomBeingMade)
      this.coming.set(job.seq, together(this.comingFor(job.seq), refusal))
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

function together(
  before: ComingRoom,
  { reservedAt = before.reservedAt, roomBeingMade }: ComingRoom,
): ComingRoom {
  const { attempts, by } = before.roomBeingMade ?? { attempts: 0, by: 0 }
  const made = roomBeingMade
    ? { attempts: attempts + roomBeingMade.attempts, by: Math.max(by, roomBeingMade.by) }
    : before.roomBeingMade
  return { ...(reservedAt === undefined ? {} : { reservedAt }), ...(made ? { roomBeingMade: made } : {}) }
}
