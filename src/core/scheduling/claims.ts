import type { Occupancy } from './occupancy.ts'
import { type Reservation, reserve, type Wanted } from './reservation.ts'

/**
 * The first ask of a queue for which there was no room. `since`: lower than that of all queues that began to wait after it.
 * `pending`: the queue is asking anew, and has not come to a blocked ask yet.
 */
type Claim = {
  readonly queue: number
  readonly priority: number
  readonly since: number
  readonly wanted: Wanted
  pending: boolean
  reservation?: Reservation | undefined
}

/**
 * Who is waiting for room, one ask a queue, and what is kept for whom: by priority, and among queues of one priority the
 * one that has waited longest comes first. Each reserves behind those before it.
 */
export class Claims {
  private readonly occupancy: Occupancy
  private claims: Claim[] = []
  private turns = 0

  constructor(occupancy: Occupancy) {
    this.occupancy = occupancy
  }

  /** What is kept for a queue's first blocked ask, if there is such an ask and room for it. */
  of(queue: number): Reservation | undefined {
    return this.claims.find((claim) => claim.queue === queue)?.reservation
  }

  /** The queue of which an attempt is the first blocked one. */
  queueOf(attemptId: string): number | undefined {
    return this.claims.find(({ wanted }) => wanted.attemptId === attemptId)?.queue
  }

  /** The attempt that is a queue's first blocked one. */
  head(queue: number): string | undefined {
    return this.claims.find((claim) => claim.queue === queue && !claim.pending)?.wanted.attemptId
  }

  /** A queue asks anew: what it waited for holds nothing against its own asks until it is blocked again. */
  asksAnew(queue: number): void {
    for (const claim of this.claims) if (claim.queue === queue) claim.pending = true
  }

  /** A queue has asked for all it wanted: what it has not come to again is not wanted any more. */
  asked(queue: number): void {
    this.claims = this.claims.filter((claim) => claim.queue !== queue || !claim.pending)
  }

  drop(queue: number): void {
    this.claims = this.claims.filter((claim) => claim.queue !== queue)
  }

  /** The queues there are now, with their priorities: nothing is kept for others. */
  attach(queues: readonly { number: number; priority: number }[]): void {
    const priorities = new Map(queues.map(({ number, priority }) => [number, priority]))
    this.claims = this.claims.flatMap((claim) => {
      const priority = priorities.get(claim.queue)
      return priority === undefined ? [] : [{ ...claim, priority }]
    })
    this.sort()
  }

  /** An ask has got its room: if it is the one that waited, its queue waits no longer. */
  placed(queue: number, attemptId: string): void {
    this.claims = this.claims.filter((claim) => claim.queue !== queue || claim.wanted.attemptId !== attemptId)
  }

  /** The first ask of a queue that found no room. A queue keeps its place, whatever it waits for now. */
  make(queue: number, priority: number, wanted: Wanted, now: number): Reservation | undefined {
    const known = this.claims.find((claim) => claim.queue === queue)
    const same = known?.wanted.attemptId === wanted.attemptId
    const since = known?.since ?? ++this.turns
    const claim: Claim = { queue, priority, since, wanted, pending: false }
    if (same) claim.reservation = known?.reservation
    this.claims = [...this.claims.filter((other) => other.queue !== queue), claim]
    this.sort()
    this.renew(now)
    return claim.reservation
  }

  /** Takes in what has ended, come and gone since. */
  renew(now: number): void {
    const before: Reservation[] = []
    for (const claim of this.claims) {
      claim.reservation = reserve(claim.wanted, this.occupancy, now, before, claim.reservation)
      if (claim.reservation) before.push(claim.reservation)
    }
  }

  /**
   * What an ask of a queue must leave alone: what is kept for queues of higher priority, for what waits before it in its own
   * queue, and for queues of the same priority that have not begun to wait after it.
   */
  binding(queue: number, priority: number, attemptId: string): Reservation[] {
    const own = this.claims.find((claim) => claim.queue === queue)
    const waiting = own?.wanted.attemptId === attemptId ? own : undefined
    const binds = (claim: Claim) => {
      if (claim.queue === queue) return !claim.pending && !waiting
      return (
        claim.priority > priority ||
        (claim.priority === priority && !(waiting && waiting.since < claim.since))
      )
    }
    return this.claims.filter(binds).flatMap(({ reservation }) => reservation ?? [])
  }

  /** Those that come before a reservation. */
  before(reservation: Reservation): Reservation[] {
    const at = this.claims.findIndex((claim) => claim.reservation === reservation)
    return this.claims.slice(0, at).flatMap((claim) => claim.reservation ?? [])
  }

  private sort(): void {
    this.claims.sort((a, b) => b.priority - a.priority || a.since - b.since)
  }
}
