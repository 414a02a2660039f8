import { parseAttemptId } from '../../core/model/ids.ts'
import { addResources, noResources, type Resources } from '../../core/model/resources.ts'
import type { FairsharePolicy } from '../../core/model/scheduling-policy.ts'
import { FairShare, type PackedShare } from '../../core/scheduling/fair-share.ts'
import { addUse, noUse, type Use, useOf } from '../../core/scheduling/share-usage.ts'
import { StartRate } from '../../core/scheduling/start-rate.ts'
import { loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { JobShapes } from './job-shapes.ts'
import type { QueueStore } from './queue-store.ts'
import type { ReadyOrder } from './ready-order.ts'
import type { ReadyStore } from './ready-store.ts'

const setting = 'shareUsage'

/** What shares have used is written at most so often, with a commit that is made anyway: a crash loses no more of it. */
const saveEveryMs = 10_000

/** What the jobs of the queue are read from. */
type Stores = { jobs: QueueStore; ready: ReadyStore; order: ReadyOrder; shapes: JobShapes }
/** `makesRoom`: it is being preempted. */
type Held = { environment: number; share: string; use: Use; makesRoom?: true }

/**
 * What attempts of the queue hold, in STARTING and RUNNING, and for a fair-share queue what its shares have used. What is
 * held is memory's alone: after a start anew the environments' placements tell it.
 */
export class Allocations {
  private readonly sql: Sql
  private readonly salt: string
  private readonly stores: Stores
  private readonly held = new Map<string, Held>()
  private readonly capacities = new Map<number, Resources>()
  private total = { use: noUse, attempts: 0 }
  private savedAt = 0
  private policy: string | undefined
  /** When a job was placed last, as far as memory knows; epoch ms. */
  placedAt = 0
  readonly starts = new StartRate()
  /** Of a fair-share queue. */
  fair: FairShare | undefined

  constructor(sql: Sql, salt: string, stores: Stores) {
    this.sql = sql
    this.salt = salt
    this.stores = stores
  }

  /** Follows the queue's policy; times are epoch ms. */
  configure(policy: FairsharePolicy | undefined, now: number): void {
    const text = policy && JSON.stringify(policy)
    if (text === this.policy) return
    const packed = this.fair?.pack(now) ?? loadSetting<PackedShare[]>(this.sql, setting) ?? []
    this.policy = text
    this.fair = policy && new FairShare(policy, this.capacity)
    this.fair?.unpack(packed)
    for (const { share, use } of this.held.values()) this.fair?.hold(share, use, now)
  }

  /** All that an environment may have, as it said last. */
  noteCapacity(environment: number, capacity: Resources): void {
    this.capacities.set(environment, capacity)
    if (this.fair) this.fair.capacity = this.capacity
  }

  /** What all attempts hold together. */
  get inUse(): { use: Use; attempts: number } {
    return this.total
  }

  /** Shares with jobs that wait to be placed, or that hold or have held something within their window. */
  activeShares(now: number): Set<string> {
    const waiting = this.stores.order.shares().map(({ share }) => share)
    return new Set([...waiting, ...(this.fair?.recentShares(now) ?? [])])
  }

  /** How many these are. */
  activeCount(now: number): number {
    const { order } = this.stores
    let count = order.shareCount
    for (const share of this.fair?.recentShares(now) ?? []) if (!this.isWaiting(share)) count++
    return count
  }

  /** Whether the share is one of these. */
  isActive(share: string, now: number): boolean {
    return this.isWaiting(share) || (this.fair?.isRecent(share, now) ?? false)
  }

  /** The attempt is placed. Of a gang its main node's stands for all. */
  hold(attemptId: string, environment: number, now: number): void {
    if (this.held.has(attemptId)) return
    const key = parseAttemptId(attemptId, this.salt)
    const job = key && this.stores.jobs.loadJob(key.seq)
    if (!job || (key.node !== undefined && key.node !== job.nodes?.main)) return
    const share = this.stores.ready.shareName(job.share)
    const use = useOf(this.stores.shapes.resourcesOf(job))
    this.held.set(attemptId, { environment, share, use })
    this.total = { use: addUse(this.total.use, use), attempts: this.total.attempts + 1 }
    this.fair?.hold(share, use, now)
  }

  /** Everything that is held, the oldest first as far as memory knows. */
  attempts(): Iterable<[attemptId: string, held: Held]> {
    return this.held
  }

  /** Its environment has told it to make room. */
  noteMakingRoom(attemptId: string): void {
    const held = this.held.get(attemptId)
    if (held) held.makesRoom = true
  }

  /** Attempts have been placed just now. */
  notePlaced(count: number, now: number): void {
    this.placedAt = now
    this.starts.note(count, now)
  }

  /** Its placement is over. */
  release(attemptId: string, now: number): void {
    const held = this.held.get(attemptId)
    if (!held) return
    this.held.delete(attemptId)
    const attempts = this.total.attempts - 1
    this.total = { use: attempts === 0 ? noUse : addUse(this.total.use, held.use, -1), attempts }
    this.fair?.release(held.share, held.use, now)
  }

  /** An environment holds none but these. */
  releaseOthers(attemptIds: ReadonlySet<string>, environment: number, now: number): void {
    for (const [attemptId, known] of this.held)
      if (known.environment === environment && !attemptIds.has(attemptId)) this.release(attemptId, now)
  }

  /** Part of a commit that is made anyway. */
  saveIfDue(now: number): void {
    if (!this.fair || now - this.savedAt < saveEveryMs) return
    this.savedAt = now
    saveSetting(this.sql, setting, this.fair.pack(now))
  }

  private isWaiting(share: string): boolean {
    const number = this.stores.ready.numberOf(share)
    return number !== undefined && this.stores.order.hasJobsOf(number)
  }

  private get capacity(): Resources {
    return [...this.capacities.values()].reduce(addResources, noResources)
  }
}
