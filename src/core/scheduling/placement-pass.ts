import { present } from '../assert.ts'
import type { Claims } from './claims.ts'
import type { Demand, Grant } from './demand.ts'
import type { Occupancy } from './occupancy.ts'
import { isLeft, type Reservation } from './reservation.ts'
import { cardsIn, type Taken } from './room.ts'
import { couldHoldTogether } from './soonest.ts'

/**
 * What is to be placed, together or not at all: an attempt, and the others of its gang. `boundMs`: for how long it may
 * hold its room at most, Infinity without a time-out.
 */
export type Ask = { readonly attempts: readonly AskedAttempt[] }
export type AskedAttempt = { readonly id: string; readonly demand: Demand; readonly boundMs: number }

/**
 * `grants`: one for each attempt; `overtakes`: the attempt before it for which there is no room, and which it does not put
 * off. `reservation`: the room that is kept for the ask.
 */
export type Placing =
  | { kind: 'placed'; grants: Grant[]; overtakes?: string }
  | { kind: 'blocked'; reservation?: Reservation }
  /** No known host, were it empty, could hold it. */
  | { kind: 'infeasible' }

export type PassOptions = {
  queue: number
  priority: number
  now: number
  /** Nothing behind the first ask that is blocked may start. */
  strict?: boolean | undefined
  /** The pass goes on where the queue's last one stopped. */
  continues?: boolean | undefined
  /** Nothing at all may start. */
  closed?: boolean | undefined
  /** An ask has found no room, and others may have to make it. `reserved`: hosts on which room is kept for other queues. */
  makeRoom?: ((ask: Ask, reserved: ReadonlySet<string>) => void) | undefined
  /** Whether a host may be given work just now. */
  allowed?: ((host: string) => boolean) | undefined
}

/**
 * One queue's asks, in its order, each placed where there is room that is not kept for another. The first that finds none
 * has room reserved; those behind it fill the holes that this leaves (EASY backfilling), unless the pass is strict.
 */
export class PlacementPass {
  private readonly occupancy: Occupancy
  private readonly claims: Claims
  private readonly options: PassOptions
  private blocked = false

  constructor(occupancy: Occupancy, claims: Claims, options: PassOptions) {
    this.occupancy = occupancy
    this.claims = claims
    this.options = options
    if (options.closed) return
    if (options.continues) this.blocked = claims.head(options.queue) !== undefined
    else claims.asksAnew(options.queue)
    claims.renew(options.now)
  }

  /** Places an ask, which takes the room at once, or says why not. */
  place(ask: Ask): Placing {
    const { queue, priority, now, strict, closed } = this.options
    const grants = closed || (strict && this.blocked) ? undefined : this.choose(ask)
    if (grants) {
      const overtakes = this.claims.head(queue)
      this.take(ask, grants)
      return { kind: 'placed', grants, ...(this.blocked && overtakes !== undefined ? { overtakes } : {}) }
    }
    if (!this.couldHold(ask)) return { kind: 'infeasible' }
    if (!closed && !(strict && this.blocked)) this.options.makeRoom?.(ask, this.keptForOthers(ask))
    if (!closed && !this.blocked) {
      this.blocked = true
      this.claims.make(queue, priority, wantedBy(ask), now)
    }
    const reservation = this.claims.of(queue)
    const own = reservation?.attemptId === ask.attempts[0]!.id
    return { kind: 'blocked', ...(own ? { reservation } : {}) }
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

  private choose(ask: Ask): Grant[] | undefined {
    const { queue, priority } = this.options
    const binding = this.claims.binding(queue, priority, ask.attempts[0]!.id)
    const reserved = new Set(binding.flatMap(({ hosts }) => hosts))
    const refused = new Set<string>()
    const allowed = (host: string) =>
      !refused.has(host) &&
      (this.options.allowed?.(host) ?? true) &&
      (!reserved.has(host) || this.mayJoin(ask, host, binding))
    for (;;) {
      const grants = this.find(ask, allowed)
      if (!grants || reserved.size === 0) return grants
      const spoilt = grants.map(({ host }) => host).filter((host) => !this.isLeft(ask, grants, host, binding))
      if (spoilt.length === 0) return grants
      for (const host of spoilt) refused.add(host)
    }
  }

  private find({ attempts }: Ask, allowed: (host: string) => boolean): Grant[] | undefined {
    const { pool } = this.occupancy
    const demands = attempts.map(({ demand }) => demand)
    if (demands.length > 1) return pool.chooseGang(demands, allowed)
    const grant = pool.choose(demands[0]!, allowed)
    return grant && [grant]
  }

  /** Whether the first attempt of an ask has room on a host beside what is reserved there, as far as can be told before its cards are known. */
  private mayJoin(ask: Ask, host: string, binding: readonly Reservation[]): boolean {
    const { cpuMilli, memoryMiB, diskMiB, cards } = this.occupancy.pool.free(host)
    const free = { cpuMilli, memoryMiB, diskMiB, cards: [...cards] }
    const granted = cardsIn(ask.attempts[0]!.demand.resources, free)
    return granted !== undefined && this.isLeft(ask, [{ host, cards: granted }], host, binding)
  }

  /** Whether these grants, the first of an ask's, leave what is reserved on a host. */
  private isLeft(ask: Ask, grants: Grant[], host: string, binding: readonly Reservation[]): boolean {
    const occupied = present(this.occupancy.on(host), 'a host that was chosen')
    const taken = grants.flatMap((grant, i): Taken[] => {
      const { demand, boundMs } = ask.attempts[i]!
      if (grant.host !== host) return []
      return [{ resources: demand.resources, cards: grant.cards, endsBy: this.options.now + boundMs }]
    })
    return binding.every((reservation) =>
      isLeft(reservation, occupied, taken, this.claims.before(reservation)),
    )
  }

  private take({ attempts }: Ask, grants: Grant[]): void {
    const { now, queue } = this.options
    for (const [i, { id, demand, boundMs }] of attempts.entries())
      this.occupancy.start({ id, ...grants[i]!, resources: demand.resources, endsBy: now + boundMs })
    this.claims.placed(queue, attempts[0]!.id)
  }

  private couldHold({ attempts }: Ask): boolean {
    const demands = attempts.map(({ demand }) => demand)
    if (!demands.every((demand) => this.occupancy.pool.fitsEmpty(demand))) return false
    return demands.length === 1 || couldHoldTogether(demands, this.occupancy)
  }
}

function wantedBy({ attempts }: Ask) {
  return {
    attemptId: attempts[0]!.id,
    demands: attempts.map(({ demand }) => demand),
    boundMs: Math.max(...attempts.map(({ boundMs }) => boundMs)),
  }
}
