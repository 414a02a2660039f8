import type { Resources } from '../model/resources.ts'
import type { Demand } from './demand.ts'
import type { Occupancy, Occupied, Run } from './occupancy.ts'
import { cardsIn, emptyRoom, fitTogether, type Taken, takeRoom } from './room.ts'
import { soonestAlone, soonestOn, soonestTogether } from './soonest.ts'

/** What room is wanted for: the attempts of one ask, which hold it for `boundMs` at most. */
export type Wanted = {
  readonly attemptId: string
  readonly demands: readonly Demand[]
  readonly boundMs: number
}

/**
 * Room kept for an ask that was the first of its queue to find none (EASY backfilling: Lifka 1995; Mu'alem and Feitelson
 * 2001). `hosts`: one for each demand. `at`: when by the bounds of what runs there they have room enough, epoch ms;
 * Infinity where no bound says so, and then only what ran there when it was made has to make room: runs up to `after`.
 */
export type Reservation = Wanted & {
  readonly hosts: readonly string[]
  readonly at: number
  readonly after: number
  /** When the hosts were chosen. */
  readonly chosenAt: number
}

/** Whether there is room elsewhere sooner is looked for so often: it costs a walk over all hosts. Milliseconds. */
const chooseAgainMs = 1_000

const never = Number.POSITIVE_INFINITY

/**
 * Reserves for `wanted`, behind the reservations `before` it: where there is room soonest, and while that is not known
 * where the fewest runs have to end. What was reserved for it so far (`kept`) stays where it is unless there is room
 * elsewhere sooner. Undefined: there is no such room, however long it waits.
 */
export function reserve(
  wanted: Wanted,
  occupancy: Occupancy,
  now: number,
  before: readonly Reservation[],
  kept?: Reservation,
): Reservation | undefined {
  const stays = kept && asItStands(kept, occupancy, now, before)
  if (stays && now < stays.chosenAt + chooseAgainMs) return stays
  const also = (occupied: Occupied) => takenBy(before, occupied)
  const { attemptId, demands, boundMs } = wanted
  const found =
    demands.length === 1
      ? soonestAlone(demands[0]!, occupancy, now, also)
      : soonestTogether(demands, occupancy, now, also)
  if (stays && !(found && found.at < stays.at)) return { ...stays, chosenAt: now }
  return found && { attemptId, demands, boundMs, ...found, after: occupancy.newest, chosenAt: now }
}

/** The reservation on the hosts that it has; undefined when they are gone or can hold it no more. */
function asItStands(
  kept: Reservation,
  occupancy: Occupancy,
  now: number,
  before: readonly Reservation[],
): Reservation | undefined {
  let at = now
  for (const host of new Set(kept.hosts)) {
    const occupied = occupancy.on(host)
    if (!occupied?.open) return undefined
    const demands = kept.demands.filter((_, i) => kept.hosts[i] === host)
    const makesRoom = (run: Run) => run.order <= kept.after
    const soonest = soonestOn(occupied, demands, now, takenBy(before, occupied), { makesRoom })
    if (!soonest) return undefined
    at = Math.max(at, soonest.at)
  }
  return { ...kept, at }
}

/**
 * Whether attempts may run on a host from now on without making a reservation later than it is: they end in time, or have
 * room beside what is kept. `before`: the reservations that come before this one.
 */
export function isLeft(
  reservation: Reservation,
  occupied: Occupied,
  attempts: readonly Taken[],
  before: readonly Reservation[],
): boolean {
  const { at, after } = reservation
  const kept = resourcesOn(reservation, occupied.host.id)
  const late = attempts.filter(({ endsBy }) => at === never || endsBy > at)
  if (kept.length === 0 || late.length === 0) return true
  const room = emptyRoom(occupied.host)
  for (const run of occupied.runs) if (at < never ? run.endsBy > at : run.order > after) takeRoom(room, run)
  for (const taken of takenBy(before, occupied)) if (at === never || taken.endsBy > at) takeRoom(room, taken)
  for (const attempt of late) takeRoom(room, attempt)
  return fitTogether(kept, room)
}

/** What reservations will take of a host, as if they had it already. */
function takenBy(reservations: readonly Reservation[], occupied: Occupied): Taken[] {
  const all: Taken[] = []
  for (const reservation of reservations) {
    const kept = resourcesOn(reservation, occupied.host.id)
    if (kept.length === 0) continue
    const room = emptyRoom(occupied.host)
    for (const run of occupied.runs) if (run.endsBy > reservation.at) takeRoom(room, run)
    for (const taken of all) takeRoom(room, taken)
    for (const resources of kept) {
      const taken = {
        resources,
        cards: cardsIn(resources, room) ?? [],
        endsBy: reservation.at + reservation.boundMs,
      }
      takeRoom(room, taken)
      all.push(taken)
    }
  }
  return all
}

function resourcesOn({ demands, hosts }: Reservation, host: string): Resources[] {
  return demands.filter((_, i) => hosts[i] === host).map(({ resources }) => resources)
}
