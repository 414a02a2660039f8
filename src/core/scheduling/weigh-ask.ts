import type { Claims } from './claims.ts'
import { type Ask, type Asking, couldEverHold, GrantChoice } from './grant-choice.ts'
import type { Occupancy } from './occupancy.ts'
import type { Reservation } from './reservation.ts'

/**
 * How an ask stands. `possible`: known hosts could hold it, were they empty. `fits`: it would be placed now, were it its
 * queue's turn. `own`: the room that is kept for it. `other`: the room kept for another without which it would fit.
 */
export type Weighed = { possible: boolean; fits: boolean; own?: Reservation; other?: Reservation }

/** Finds out what a placement pass would say of an ask now. Places nothing. */
export function weighAsk(occupancy: Occupancy, claims: Claims, asking: Asking, ask: Ask): Weighed {
  claims.renew(asking.now)
  const choice = new GrantChoice(occupancy, claims, asking)
  const fits = choice.find(ask) !== undefined
  const kept = claims.of(asking.queue)
  const own = kept?.attemptId === ask.attempts[0]!.id ? kept : undefined
  const weighed = { possible: fits || couldEverHold(ask, occupancy), fits, ...(own ? { own } : {}) }
  if (fits) return weighed
  const hosts = new Set(choice.find(ask, [])?.map(({ host }) => host))
  const other = choice.binding(ask).find((reservation) => reservation.hosts.some((host) => hosts.has(host)))
  return other ? { ...weighed, other } : weighed
}
