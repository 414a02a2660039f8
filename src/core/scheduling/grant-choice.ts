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

/** Who asks, and when. */
export type Asking = {
  queue: number
  priority: number
  now: number
  /** Whether a host may be given work just now. */
  allowed?: ((host: string) => boolean) | undefined
}

/** Chooses hosts for asks of a queue, none of which puts off what is reserved for others. */
export class GrantChoice {
  private readonly occupancy: Occupancy
  private readonly claims: Claims
  private readonly asking: Asking

  constructor(occupancy: Occupancy, claims: Claims, asking: Asking) {
    this.occupancy = occupancy
    this.claims = claims
    this.asking = asking
  }

  /** The hosts for an ask, beside what is reserved for others. Nothing is taken. */
  choose(ask: Ask): Grant[] | undefined {
    for (const { demand } of ask.attempts) this.occupancy.pool.count(demand)
    return this.find(ask)
  }

  /** The same without counting it as asked for. `binding`: what is to be left alone. */
  find(ask: Ask, binding = this.binding(ask)): Grant[] | undefined {
    const reserved = new Set(binding.flatMap(({ hosts }) => hosts))
    const refused = new Set<string>()
    const allowed = (host: string) =>
      !refused.has(host) &&
      (this.asking.allowed?.(host) ?? true) &&
      (!reserved.has(host) || ask.attempts.length > 1 || this.mayJoin(ask, host, binding))
    for (;;) {
      const grants = this.findAmong(ask, allowed)
      if (!grants || reserved.size === 0) return grants
      const spoilt = grants.map(({ host }) => host).filter((host) => !this.isLeft(ask, grants, host, binding))
      if (spoilt.length === 0) return grants
      for (const host of spoilt) refused.add(host)
    }
  }

  private findAmong({ attempts }: Ask, allowed: (host: string) => boolean): Grant[] | undefined {
    const { pool } = this.occupancy
    const demands = attempts.map(({ demand }) => demand)
    if (demands.length > 1) return pool.findGang(demands, allowed)
    const grant = pool.find(demands[0]!, allowed)
    return grant && [grant]
  }

  /** Whether a single attempt has room on a host beside what is reserved there, as far as can be told before its cards are known. */
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
      return [{ resources: demand.resources, cards: grant.cards, endsBy: this.asking.now + boundMs }]
    })
    return binding.every((reservation) =>
      isLeft(reservation, occupied, taken, this.claims.before(reservation)),
    )
  }

  /** What is reserved for others that an ask must leave alone. */
  binding({ attempts }: Ask): Reservation[] {
    const { queue, priority } = this.asking
    return this.claims.binding(queue, priority, attempts[0]!.id)
  }
}

/** Whether known hosts, were they empty, could hold it. */
export function couldEverHold({ attempts }: Ask, occupancy: Occupancy): boolean {
  const demands = attempts.map(({ demand }) => demand)
  if (!demands.every((demand) => occupancy.pool.fitsEmpty(demand))) return false
  return demands.length === 1 || couldHoldTogether(demands, occupancy)
}
