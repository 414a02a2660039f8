import type { HostOffer, HostView } from '../../core/model/environment.ts'
import { formatInstanceId } from '../../core/model/ids.ts'
import { addResources, dimensions, noResources, type Resources } from '../../core/model/resources.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'

/** An attempt given to a host. */
export type Placement = {
  attemptId: string
  queue: number
  resources: Resources
  /** Indexes of the GPUs it has. */
  cards?: number[]
  /** For how long after its start it may have its room at most: its time-out and the grace to stop in. Absent: no time-out. */
  boundMs?: number
  placedAt: number
  startedAt?: number
  /** It is to be stopped; told again on every connection. */
  stop?: string
  /** It is stopped to make room, and why. */
  preempted?: string
  /** By when it will have done so at the latest, epoch ms. Memory only. */
  makesRoomBy?: number
  /** A node of a multi-node parallel job: the attempt of the main node, which was placed with it. */
  main?: string
  /** It waits for its main node; the host has not heard of it. */
  held?: boolean
  /** Its end is reported and not settled yet: its resources are free again. Memory only. */
  ended?: boolean
}

/** When an attempt will have given its room back at the latest, epoch ms; Infinity where nothing says so. */
export function endsBy(placement: Placement): number {
  const { boundMs = Number.POSITIVE_INFINITY, makesRoomBy, placedAt, startedAt } = placement
  return Math.min((startedAt ?? placedAt) + boundMs, makesRoomBy ?? Number.POSITIVE_INFINITY)
}

/** A host as memory knows it. */
export class Host {
  readonly agentId: string
  readonly instanceId: string
  offer: HostOffer
  /** Changed by Hosts alone. */
  readonly placements = new Map<string, Placement>()
  socket: PeerSocket | undefined
  /** It has said hello on this socket, so that its attempts are known and it may be given more. */
  ready = false
  /** Last sign of life other than a heartbeat. */
  heardAt: number
  /** While it is not connected. */
  leaseExpiresAt: number | undefined
  /** It has a row. */
  stored = false

  constructor(agentId: string, offer: HostOffer, heardAt: number) {
    this.agentId = agentId
    this.instanceId = formatInstanceId(agentId)
    this.offer = offer
    this.heardAt = heardAt
  }

  get used(): Resources {
    let used = noResources
    for (const placement of this.placements.values())
      if (!placement.ended) used = addResources(used, placement.resources)
    return used
  }

  /** Never below zero: an offer may have shrunk under what runs. */
  get free(): Resources {
    const free = { ...this.offer.resources }
    const { used } = this
    for (const dimension of dimensions) free[dimension] = Math.max(0, free[dimension] - used[dimension])
    return free
  }

  /** When its lease runs out unless it is heard of before. */
  leaseEnd(leaseMs: number): number {
    return this.leaseExpiresAt ?? this.lastSignOfLife() + leaseMs
  }

  view(leaseMs: number): HostView {
    return {
      instanceId: this.instanceId,
      offer: this.offer,
      state: this.socket ? 'connected' : 'disconnected',
      free: this.free,
      attempts: [...this.placements.keys()],
      ...(this.placements.size > 0 ? { leaseExpiresAt: this.leaseEnd(leaseMs) } : {}),
    }
  }

  lastSignOfLife(): number {
    return Math.max(this.heardAt, this.socket?.lastPongAt() ?? 0)
  }
}
