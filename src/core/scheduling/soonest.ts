import { type Demand, shapeOf, suits } from './demand.ts'
import type { Occupancy, Occupied, Run } from './occupancy.ts'
import { emptyRoom, fitTogether, giveRoom, type Taken, takeRoom } from './room.ts'
import { RoomsInTime } from './rooms-in-time.ts'
import { Together } from './together.ts'

/** What besides the runs will be taken of a host. */
export type AlsoTaken = (occupied: Occupied) => readonly Taken[]
/** `hosts`: one for each demand. `at`: epoch ms; Infinity where what has to end has no bound. */
export type Soonest = { hosts: string[]; at: number }

const never = Number.POSITIVE_INFINITY

/**
 * When a host has room for all `demands` by the bounds of what is taken of it, and how much has to end before that. Of
 * runs without a bound only those that `makesRoom` says may be waited for. Undefined: never, or not `by` then.
 */
export function soonestOn(
  occupied: Occupied,
  demands: readonly Demand[],
  now: number,
  also: readonly Taken[],
  { by = never, makesRoom }: { by?: number; makesRoom?: (run: Run) => boolean } = {},
): { at: number; ends: number } | undefined {
  const wanted = demands.map(({ resources }) => resources)
  const room = emptyRoom(occupied.host)
  if (!fitTogether(wanted, room)) return undefined
  for (const run of occupied.runs) takeRoom(room, run)
  for (const taken of also) takeRoom(room, taken)
  if (fitTogether(wanted, room)) return { at: now, ends: 0 }
  const runs = makesRoom ? occupied.runs.filter((run) => run.endsBy < never || makesRoom(run)) : occupied.runs
  const bounded = also.filter(({ endsBy }) => endsBy < never)
  let ends = 0
  for (const taken of inOrderOfEnds(runs, bounded)) {
    const at = Math.max(now, taken.endsBy)
    if (at > by) return undefined
    giveRoom(room, taken)
    ends++
    if (fitTogether(wanted, room)) return { at, ends }
  }
  return undefined
}

/** The host on which one attempt has room soonest; while that is not known, the one where the fewest have to end. */
export function soonestAlone(
  demand: Demand,
  occupancy: Occupancy,
  now: number,
  also: AlsoTaken,
): Soonest | undefined {
  const shape = shapeOf(demand)
  const demands = [demand]
  let best: { host: string; at: number; ends: number } | undefined
  for (const occupied of occupancy.open()) {
    if (!suits(occupied.host, shape)) continue
    const found = soonestOn(occupied, demands, now, also(occupied), best ? { by: best.at } : {})
    if (found && (!best || found.at < best.at || (found.at === best.at && found.ends < best.ends)))
      best = { host: occupied.host.id, ...found }
  }
  return best && { hosts: [best.host], at: best.at }
}

/**
 * The hosts on which attempts that must start together have room soonest; while that is not known, those on which the
 * fewest without a bound have to end.
 */
export function soonestTogether(
  demands: readonly Demand[],
  occupancy: Occupancy,
  now: number,
  also: AlsoTaken,
): Soonest | undefined {
  const together = new Together(demands)
  const hosts = [...occupancy.open()].map((occupied) => ({ occupied, taken: also(occupied) }))
  const times = boundsFrom(now, hosts)
  const rooms = new RoomsInTime(hosts)
  const first = least(times.length, (i) => together.fit(rooms.at(times[i]!)))
  if (first !== undefined) {
    const at = times[first]!
    return { hosts: together.take(rooms.at(at))!, at }
  }
  const emptied = rooms.byStaying(times.at(-1)!)
  const fewest = least(hosts.length, (count) => together.fit(emptied.first(count + 1)))
  return fewest === undefined ? undefined : { hosts: together.take(emptied.first(fewest + 1))!, at: never }
}

/** `now` and the bounds behind it, in order. */
function boundsFrom(
  now: number,
  hosts: readonly { occupied: Occupied; taken: readonly Taken[] }[],
): Float64Array {
  const bounds = [now]
  for (const { occupied, taken } of hosts)
    for (const some of [occupied.runs, taken])
      for (const { endsBy } of some) if (endsBy > now && endsBy < never) bounds.push(endsBy)
  return Float64Array.from(bounds).sort()
}

/** Whether attempts have room together on hosts that are empty. */
export function couldHoldTogether(demands: readonly Demand[], occupancy: Occupancy): boolean {
  const rooms = [...occupancy.all()].map(({ host }) => ({ host, room: emptyRoom(host) }))
  return new Together(demands).fit(rooms)
}

/** The least of the numbers below `count` that passes, if all above one that passes do too. */
function least(count: number, passes: (at: number) => boolean): number | undefined {
  let best: number | undefined
  let low = 0
  let high = count - 1
  while (low <= high) {
    const at = (low + high) >> 1
    if (passes(at)) {
      best = at
      high = at - 1
    } else low = at + 1
  }
  return best
}

function inOrderOfEnds(runs: readonly Taken[], others: readonly Taken[]): readonly Taken[] {
  return others.length === 0 ? runs : [...runs, ...others].sort((a, b) => compare(a.endsBy, b.endsBy))
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}
