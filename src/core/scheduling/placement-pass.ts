import type { Claims } from './claims.ts'
import type { Grant } from './demand.ts'
import { type Ask, type Asking, couldEverHold, GrantChoice } from './grant-choice.ts'
import type { Occupancy } from './occupancy.ts'
import type { Reservation } from './reservation.ts'

/**
 * `grants`: one for each attempt; `overtakes`: the attempt before it for which there is no room, and which it does not put
 * off. `reservation`: the room that is kept for the ask; `roomComes`: others are making room for it.
 */
export type Placing =
  | { kind: 'placed'; grants: Grant[]; overtakes?: string }
  | { kind: 'blocked'; reservation?: Reservation; roomComes?: true }
  /** No known host, were it empty, could hold it. */
  | { kind: 'infeasible' }

export type PassOptions = Asking & {
  /** Nothing behind the first ask that is blocked may start. */
  strict?: boolean | undefined
  /** The pass goes on where the queue's last one stopped. */
  continues?: boolean | undefined
  /** Nothing at all may start. */
  closed?: boolean | undefined
  /**
   * An ask has found no room, and others may have to make it; whether they do. `reserved`: hosts on which room is kept for
   * other queues.
   */
  makeRoom?: ((ask: Ask, reserved: ReadonlySet<string>) => boolean) | undefined
}

/**
 * One queue's asks, in its order, each placed where there is room that is not kept for another. The first that finds none
 * has room reserved; those behind it fill the holes that this leaves (EASY backfilling), unless the pass is strict.
 */
export class PlacementPass {
  private readonly occupancy: Occupancy
  private readonly claims: Claims
  private readonly options: PassOptions
  private readonly choice: GrantChoice
  private blocked = false

  constructor(occupancy: Occupancy, claims: Claims, options: PassOptions) {
    this.occupancy = occupancy
    this.claims = claims
    this.options = options
    this.choice = new GrantChoice(occupancy, claims, options)
    if (options.closed) return
    if (options.continues) this.blocked = claims.head(options.queue) !== undefined
    else claims.asksAnew(options.queue)
    claims.renew(options.now)
  }

  /** When the bounds of what it places begin to count. */
  get now(): number {
    return this.options.now
  }

  /** Places an ask, which takes the room at once, or says why not. */
  place(ask: Ask): Placing {
    const { queue, priority, now, strict, closed } = this.options
    const grants = closed || (strict && this.blocked) ? undefined : this.choice.choose(ask)
    if (grants) {
      const overtakes = this.claims.head(queue)
      this.take(ask, grants)
      return { kind: 'placed', grants, ...(this.blocked && overtakes !== undefined ? { overtakes } : {}) }
    }
    if (!couldEverHold(ask, this.occupancy)) return { kind: 'infeasible' }
    const tries = !closed && !(strict && this.blocked)
    const roomComes = tries && (this.options.makeRoom?.(ask, this.keptForOthers(ask)) ?? false)
    if (!closed && !this.blocked) {
      this.blocked = true
      this.claims.make(queue, priority, wantedBy(ask), now)
    }
    const reservation = this.claims.of(queue)
    const own = reservation?.attemptId === ask.attempts[0]!.id
    return { kind: 'blocked', ...(own ? { reservation } : {}), ...(roomComes ? { roomComes: true } : {}) }
  }

  /** All asks of the pass have been made. */
  end(): void {
    if (!this.options.closed) this.claims.asked(this.options.queue)
  }

  private keptForOthers(ask: Ask): Set<string> {
    const { queue, priority } = this.options
    const head = this.claims.head(queue) ?? ask.attempts[0]!.id
    return new Set(this.claims.binding(queue, priority, head).flatMap(({ hosts }) => hosts))
  }

  private take({ attempts }: Ask, grants: Grant[]): void {
    const { now, queue } = this.options
    for (const [i, { id, demand, boundMs }] of attempts.entries())
      this.occupancy.start({ id, ...grants[i]!, resources: demand.resources, endsBy: now + boundMs })
    this.claims.placed(queue, attempts[0]!.id)
  }
}

function wantedBy({ attempts }: Ask) {
  return {
    attemptId: attempts[0]!.id,
    demands: attempts.map(({ demand }) => demand),
    boundMs: Math.max(...attempts.map(({ boundMs }) => boundMs)),
  }
}
