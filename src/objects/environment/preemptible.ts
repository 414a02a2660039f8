import { limits } from '../../core/limits.ts'
import { attemptIn } from '../../core/model/ids.ts'
import type { Part, Preemptible } from '../../core/scheduling/preemptible.ts'
import { giveRoom } from '../../core/scheduling/room.ts'
import type { HostRoom } from '../../core/scheduling/together.ts'
import type { ShareExcess } from './environment-rpc.ts'
import type { Host, Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import type { Turns } from './turns.ts'

type MayUse = (agentId: string) => boolean

/** The hosts that may be given work, with the room that is free or on its way to be: what is stopping counts no more. */
export function roomsToCome(hosts: Hosts, mayUse: MayUse): HostRoom[] {
  const rooms: HostRoom[] = []
  for (const { host } of hosts.occupancy.open()) {
    if (!mayUse(host.id)) continue
    const room = hosts.occupancy.pool.room(host.id)
    for (const { stop, ended, resources, cards = [] } of hosts.get(host.id)!.placements.values())
      if (stop !== undefined && !ended) giveRoom(room, { resources, cards })
    rooms.push({ host, room })
  }
  return rooms
}

/**
 * By how much each share of a queue is above what it is entitled to, less what of its named attempts is on its way out without the
 * queue's knowing: it has ended, is stopping, or is placed here no more.
 */
export function excessLeft(hosts: Hosts, excess: readonly ShareExcess[]): Map<number, number> {
  const isLeaving = (attemptId: string) => {
    const placement = hosts.placement(attemptId)
    return !placement || placement.ended || placement.stop !== undefined
  }
  return new Map(
    excess.map(({ excess: over, attempts }, id) => {
      const leaving = attempts.filter(([attemptId]) => isLeaving(attemptId))
      return [id, leaving.reduce((left, [, cost]) => left - cost, over)]
    }),
  )
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
  const lower = asks.lower ? prioritiesBelow(turns, asks.queue) : new Map<number, number>()
  const gangs = new Map<string, { host: Host; placement: Placement }[]>()
  for (const node of hosts.nodePlacements()) {
    if (node.placement.ended) continue
    const nodes = gangs.get(node.placement.main!) ?? []
    gangs.set(node.placement.main!, nodes)
    nodes.push(node)
  }
  const found: Preemptible[] = []
  for (const host of hosts.values()) {
    if (!mayUse(host.agentId)) continue
    for (const placement of host.placements.values()) {
      const { attemptId: id, main, queue, ended, stop, placedAt: since } = placement
      const share = queue === asks.queue ? shares.get(id) : undefined
      const priority = lower.get(queue) ?? (share && turns.priorityOf(queue))
      if (priority === undefined || main !== undefined || ended || stop !== undefined) continue
      const nodes = gangs.get(id) ?? []
      if (nodes.some((node) => !mayUse(node.host.agentId) || node.placement.stop !== undefined)) continue
      if (attemptIn(id) > limits.preemptions) continue
      const parts = [partOf(host, placement), ...nodes.map((node) => partOf(node.host, node.placement))]
      found.push(share ? { id, priority, since, parts, share } : { id, priority, since, parts })
    }
  }
  return found
}

/** Of queues of lower priority than `queue`. */
function prioritiesBelow(turns: Turns, queue: number): Map<number, number> {
  const own = turns.priorityOf(queue)
  return new Map(
    turns.attached().flatMap(({ number, priority }) => (priority < own ? [[number, priority]] : [])),
  )
}

function partOf({ agentId }: Host, { resources, cards = [] }: Placement): Part {
  return { host: agentId, resources, cards }
}
