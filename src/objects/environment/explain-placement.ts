import type { Claims } from '../../core/scheduling/claims.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { Reservation } from '../../core/scheduling/reservation.ts'
import { type Weighed, weighAsk } from '../../core/scheduling/weigh-ask.ts'
import { askOf } from './ask-of.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { PlacementQuestion, PlacementView } from './environment-rpc.ts'
import type { Hosts } from './hosts.ts'
import type { Outlook } from './outlook.ts'
import type { Turns } from './turns.ts'

const nearestShown = 3

type ExplainParts = {
  ports: Pick<EnvironmentPorts, 'clock'>
  hosts: Hosts
  claims: Claims
  turns: Turns
  outlook: Outlook
}

/**
 * Says how an environment stands towards an attempt, from the functions that decide of it. `allowed`: whether a host may be
 * given work of its queue just now.
 */
export function explainPlacement(
  { ports, hosts, claims, turns, outlook }: ExplainParts,
  question: PlacementQuestion,
  allowed: (agentId: string) => boolean,
): PlacementView {
  const { queue, specs, attemptId } = question
  const ask = askOf(specs, question)
  const demands = ask.attempts.map(({ demand }) => demand)
  const asking = { queue, priority: turns.priorityOf(queue), now: ports.clock.now(), allowed }
  const holder = hosts.holder(attemptId)
  const { occupancy } = hosts
  const placed: Weighed = { possible: true, fits: false }
  const { possible, fits, own, other } = holder ? placed : weighAsk(occupancy, claims, asking, ask)
  const scarce = demands.find((demand) => occupancy.pool.find(demand) === undefined) ?? demands[0]!
  const infeasibleReason = outlook.infeasible(demands, !possible)
  const yieldsTo = turns.yieldsTo(queue)
  const reservation = own ?? other
  return {
    standing: outlook.standing(),
    capacity: outlook.capacity(),
    hosts: hosts.connected,
    ...(holder ? { placedOn: holder.instanceId } : {}),
    fits,
    nearest: occupancy.pool.nearest(scarce, nearestShown).map((near) => nearestHost(hosts, near)),
    ...(infeasibleReason === undefined
      ? {}
      : { infeasible: occupancy.pool.lacksWhenEmpty(demands), infeasibleReason }),
    ...(reservation
      ? {
          reservation: {
            mine: own !== undefined,
            queue: claims.queueOf(reservation.attemptId) ?? queue,
            ...reservationView(hosts, reservation),
          },
        }
      : {}),
    ...(yieldsTo === undefined ? {} : { yieldsTo }),
  }
}

function nearestHost(hosts: Hosts, { host, lacks }: { host: string; lacks: Lack[] }) {
  return { instanceId: instanceOf(hosts, host), lacks }
}

function reservationView(all: Hosts, { attemptId, at, hosts }: Reservation) {
  const known = at < Number.POSITIVE_INFINITY ? { at } : {}
  return { attemptId, ...known, hosts: [...new Set(hosts)].map((host) => instanceOf(all, host)) }
}

function instanceOf(hosts: Hosts, agentId: string): string {
  return hosts.get(agentId)?.instanceId ?? agentId
}
