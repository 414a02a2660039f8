import { limits } from '../../core/limits.ts'
import { attemptIn } from '../../core/model/ids.ts'
import type { Part, Preemptible } from '../../core/scheduling/choose-victims.ts'
import { emptyRoom, takeRoom } from '../../core/scheduling/room.ts'
import type { HostRoom } from '../../core/scheduling/soonest.ts'
import type { ShareExcess } from './environment-rpc.ts'
import type { Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import type { Turns } from './turns.ts'

type MayUse = (agentId: string) => boolean

/** The hosts that may be given work, with the room that is free or on its way to be: what is stopping counts no more. */
export function roomsToCome(hosts: Hosts, mayUse: MayUse): HostRoom[] {
  const rooms: HostRoom[] = []
  for (const { host, open, runs } of hosts.occupancy.all()) {
    if (!open || !mayUse(host.id)) continue
    const room = emptyRoom(host)
    for (const run of runs) if (hosts.placement(run.id)?.stop === undefined) takeRoom(room, run)
    rooms.push({ host, room })
  }
  return rooms
}

/**
 * Attempts that a queue may have preempted, those of a multi-node parallel job together: of queues of lower priority, where
 * it may (`lower`), and those of its own shares in excess. What is stopping already is none of them, nor what has been
 * preempted as often as a job may be.
 */
export function listPreemptible(
  { hosts, turns }: { hosts: Hosts; turns: Turns },
  asks: { queue: number; lower: boolean; excess: readonly ShareExcess[] },
  mayUse: MayUse,
): Preemptible[] {
  const shares = new Map(
    asks.excess.flatMap(({ attempts }, id) =>
      attempts.map(([attemptId, cost]) => [attemptId, { id, cost }] as const),
    ),
  )
  const own = turns.priorityOf(asks.queue)
  const parts = new Map<string, { main?: Placement; parts: Part[]; isWhole: boolean }>()
  for (const { agentId, placements } of hosts.values())
    for (const placement of placements.values()) {
      const { attemptId, main = attemptId, queue, ended, resources, cards = [] } = placement
      const priority = turns.priorityOf(queue)
      const isLower = asks.lower && priority < own && priority !== Number.NEGATIVE_INFINITY
      if (ended || !(isLower || (queue === asks.queue && shares.has(main)))) continue
      const gang = parts.get(main) ?? { parts: [], isWhole: true }
      parts.set(main, gang)
      if (main === attemptId) gang.main = placement
      gang.parts.push({ host: agentId, resources, cards })
      gang.isWhole &&= mayUse(agentId) && placement.stop === undefined
    }
  return [...parts].flatMap(([id, { main, parts: all, isWhole }]): Preemptible[] => {
    if (!main || !isWhole || attemptIn(id) > limits.preemptions) return []
    const share = main.queue === asks.queue ? shares.get(id) : undefined
    const one = { id, priority: turns.priorityOf(main.queue), since: main.placedAt, parts: all }
    return [share ? { ...one, share } : one]
  })
}
