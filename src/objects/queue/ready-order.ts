import type { FairShare } from '../../core/scheduling/fair-share.ts'
import type { ShareLimit } from '../../core/scheduling/limit-check.ts'
import type { ShareWalk, WaitingShare } from '../../core/scheduling/share-walk.ts'
import { KeptTurns } from './kept-turns.ts'
import { compareOrder, type OrderKey, type ReadyStore } from './ready-store.ts'

/**
 * Entries read of a share at first, at once after that (twice as many each time, up to this), and kept at most: a tick costs
 * what it starts, and memory does not grow with the queue.
 */
const firstPage = 8
const pageSize = 64
const keptEntries = 256

/**
 * What is known of a share's order: the entries up to and including `behind` that have not been dropped. `complete`: there is
 * nothing behind that; `page`: how many are read next.
 */
type Front = { entries: OrderKey[]; behind: OrderKey | undefined; complete: boolean; page: number }

/**
 * The order of the queue, share by share, as far as ticks have looked into it. What is placed or set aside is dropped
 * from it, so that no tick wades through that again, although it stands in the store's order until it has started.
 */
export class ReadyOrder {
  private readonly store: ReadyStore
  private readonly fronts = new Map<number, Front>()
  /** Shares that may have jobs, and since which sequence number the first waits. */
  private waiting: Map<number, number> | undefined
  /** Shares of which jobs have been set aside, and the lowest sequence number of these. */
  private readonly aside = new Map<number, number>()
  private kept: KeptTurns | undefined

  constructor(store: ReadyStore) {
    this.store = store
  }

  /** How many shares may have jobs to place. */
  get shareCount(): number {
    return this.known().size
  }

  /** Whether the share may have jobs to place. */
  hasJobsOf(share: number): boolean {
    return this.known().has(share)
  }

  /** Shares that may have jobs to place. `since`: the first one's sequence number, as far as known. */
  shares(): WaitingShare[] {
    return [...this.known()].map(([share, since]) => ({ share: this.store.shareName(share), since }))
  }

  /**
   * These shares in turns, a round begun; `now`: epoch ms. The walk is kept from round to round, so that beginning one costs
   * what has changed, and is good until this is called again.
   */
  turns(fair: FairShare, now: number): ShareWalk {
    return this.keptFor(fair, now).begin(now)
  }

  /** The same with shares that are passed over, or have had jobs set aside. */
  turnsOfAll(fair: FairShare, now: number): ShareWalk {
    const walk = this.keptFor(fair, now).beginWithAll(now)
    for (const [share, since] of this.aside) walk.join(this.store.shareName(share), since)
    return walk
  }

  /** The share's next job would break a limit: it has no turns until that may have changed. */
  passOver(share: number, limit: ShareLimit): void {
    const since = this.known().get(share)
    if (since !== undefined) this.kept?.passOver(this.store.shareName(share), since, limit)
  }

  /** Why the share is passed over, if it is. */
  limitOf(share: number): string | undefined {
    return this.kept?.limitOf(this.store.shareName(share))
  }

  /** A share's jobs in order. What is dropped while this goes on is not missed, and what comes is met if it stands behind. */
  *of(share: number): Generator<OrderKey> {
    const front = this.front(share)
    let last: OrderKey | undefined
    for (;;) {
      const at = last ? placeBehind(front.entries, last) : 0
      let entry = front.entries[at]
      if (!entry && !front.complete) {
        this.read(share, front)
        entry = front.entries[at]
      }
      if (!entry) break
      last = entry
      yield entry
    }
    if (front.complete) {
      if (front.entries.length === 0) this.note(share, undefined)
      return
    }
    // More are being passed over than are kept.
    for (let page = this.store.entries(share, front.behind, pageSize); page.length > 0; ) {
      yield* page
      page = this.store.entries(share, page.at(-1), pageSize)
    }
  }

  /** The job cannot be placed for a reason of its own: it is not met again until it is reconsidered, but waits on. */
  setAside(key: OrderKey): void {
    this.aside.set(key.share, Math.min(this.aside.get(key.share) ?? key.seq, key.seq))
    this.drop(key)
  }

  /** The job is placed, or has ended: it is not met again until it is reconsidered. */
  drop(key: OrderKey): void {
    const front = this.fronts.get(key.share)
    if (!front) return
    const at = front.entries.findIndex(({ seq }) => seq === key.seq)
    if (at >= 0) front.entries.splice(at, 1)
    if (front.entries.length === 0 && front.complete) this.note(key.share, undefined)
    else if (at === 0) this.note(key.share, front.entries[0]?.seq ?? key.seq)
  }

  /** A job has become ready (again). */
  reconsider(job: OrderKey): void {
    const { share, priority, front: early, seq } = job
    this.note(share, Math.min(this.known().get(share) ?? seq, seq))
    const front = this.fronts.get(share)
    if (!front) return
    const isBehind = !front.behind || compareOrder(job, front.behind) > 0
    if (isBehind && !front.complete) return
    const at = placeBehind(front.entries, job)
    if (front.entries[at - 1]?.seq === seq) return
    const entry = { share, priority, front: early, seq }
    front.entries.splice(at, 0, entry)
    if (isBehind) front.behind = entry
    if (front.entries.length > 2 * keptEntries) this.shorten(front)
  }

  /** Everything is to be looked at anew. */
  restart(): void {
    this.fronts.clear()
    this.aside.clear()
    this.waiting = undefined
    this.kept = undefined
  }

  private known(): Map<number, number> {
    this.waiting ??= new Map(this.store.sharesWithJobs().map(({ share, first }) => [share, first]))
    return this.waiting
  }

  private keptFor(fair: FairShare, now: number): KeptTurns {
    if (this.kept?.fair !== fair) this.kept = new KeptTurns(fair, this.shares(), now)
    return this.kept
  }

  /** Since when the share's first job waits, if any does. */
  private note(share: number, since: number | undefined): void {
    if (since === undefined) this.known().delete(share)
    else this.known().set(share, since)
    this.kept?.waits(this.store.shareName(share), since)
  }

  private front(share: number): Front {
    const known = this.fronts.get(share)
    if (known) return known
    const front: Front = { entries: [], behind: undefined, complete: false, page: firstPage }
    this.fronts.set(share, front)
    return front
  }

  private read(share: number, front: Front): void {
    const room = keptEntries - front.entries.length
    if (room <= 0) return
    const limit = Math.min(room, front.page)
    front.page = Math.min(2 * front.page, pageSize)
    const page = this.store.entries(share, front.behind, limit)
    front.entries.push(...page)
    front.behind = page.at(-1) ?? front.behind
    front.complete = page.length < limit
  }

  private shorten(front: Front): void {
    front.entries.length = keptEntries
    front.behind = front.entries.at(-1)
    front.complete = false
  }
}

/** The place of the first entry that stands behind `key`. */
function placeBehind(entries: OrderKey[], key: OrderKey): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareOrder(entries[middle]!, key) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
