import { wholeCard } from '../../core/model/resources.ts'
import type { PoolHost } from '../../core/scheduling/demand.ts'
import { Occupancy } from '../../core/scheduling/occupancy.ts'
import { cardsIn } from '../../core/scheduling/room.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import { endsBy, type Host, type Placement } from './host.ts'

/**
 * An environment's hosts, where each attempt is, and what room that leaves: placements are added, changed and removed here, so that
 * a host pool that lives as long as the object is always as they are.
 */
export class Hosts {
  readonly occupancy = new Occupancy()
  private readonly byAgent = new Map<string, Host>()
  private readonly byInstance = new Map<string, Host>()
  private readonly holders = new Map<string, Host>()
  /** Attempts that are nodes of multi-node parallel jobs, other than the main ones. */
  private readonly nodes = new Set<string>()
  /** Hosts on which nothing is placed any more. */
  private readonly emptied = new Set<Host>()
  private sockets = 0

  get size(): number {
    return this.byAgent.size
  }

  /** How many agents are connected. */
  get connected(): number {
    return this.sockets
  }

  values(): Iterable<Host> {
    return this.byAgent.values()
  }

  get(agentId: string): Host | undefined {
    return this.byAgent.get(agentId)
  }

  ofInstance(instanceId: string): Host | undefined {
    return this.byInstance.get(instanceId)
  }

  /** Where an attempt is placed. */
  holder(attemptId: string): Host | undefined {
    return this.holders.get(attemptId)
  }

  placement(attemptId: string): Placement | undefined {
    return this.holders.get(attemptId)?.placements.get(attemptId)
  }

  /** Placements of nodes of multi-node parallel jobs, other than the main ones. */
  *nodePlacements(): Iterable<{ host: Host; placement: Placement }> {
    for (const attemptId of this.nodes) {
      const host = this.holders.get(attemptId)!
      yield { host, placement: host.placements.get(attemptId)! }
    }
  }

  /** Hosts on which nothing is placed any more, since this was last asked. */
  takeEmptied(): Host[] {
    const hosts = [...this.emptied].filter(({ placements }) => placements.size === 0)
    this.emptied.clear()
    return hosts
  }

  /** A host that is new to this life of the object, with what is placed on it. */
  add(host: Host): void {
    this.byAgent.set(host.agentId, host)
    this.byInstance.set(host.instanceId, host)
    this.occupancy.addHost(poolHost(host))
    for (const placement of host.placements.values()) {
      placement.cards ??= cardsIn(placement.resources, this.freeOf(host)) ?? []
      this.enter(host, placement)
      this.occupancy.resume(run(host, placement))
    }
  }

  /** The host is gone with all that was placed there. */
  remove(host: Host): void {
    this.setSocket(host, undefined)
    for (const attemptId of host.placements.keys()) this.forget(attemptId)
    this.occupancy.removeHost(host.agentId)
    this.byAgent.delete(host.agentId)
    this.byInstance.delete(host.instanceId)
    this.emptied.delete(host)
  }

  /** Its agent has a socket, or none any more. `ready`: it has said hello on it, with what it offers now. */
  setSocket(host: Host, socket: PeerSocket | undefined, ready = false): void {
    this.sockets += Number(socket !== undefined) - Number(host.socket !== undefined)
    host.socket = socket
    host.ready = ready
    if (ready) this.occupancy.addHost(poolHost(host))
    this.occupancy.setOpen(host.agentId, ready)
  }

  /** The images that it has now. Memory only: its agent tells them with every hello. */
  setImages(host: Host, images: readonly string[]): void {
    this.occupancy.pool.setImages(host.agentId, images)
  }

  /** An attempt is placed on a host, whose room it has already. */
  put(host: Host, placement: Placement): void {
    host.placements.set(placement.attemptId, placement)
    this.enter(host, placement)
  }

  /** An attempt is placed nowhere any more, and its room is free. */
  drop(attemptId: string): void {
    const host = this.holders.get(attemptId)
    this.occupancy.end(attemptId)
    if (!host) return
    host.placements.delete(attemptId)
    this.forget(attemptId)
    if (host.placements.size === 0) this.emptied.add(host)
  }

  /** What was dropped is placed again: nobody is to know of it. */
  restore(host: Host, placement: Placement): void {
    this.put(host, placement)
    if (!placement.ended) this.occupancy.resume(run(host, placement))
  }

  started(placement: Placement, startedAt: number): void {
    placement.startedAt = startedAt
    this.occupancy.setBound(placement.attemptId, endsBy(placement))
  }

  /** It will have made room by then; undefined: it is not to make room after all. */
  makesRoom(placement: Placement, by: number | undefined): void {
    if (by === undefined) delete placement.makesRoomBy
    else placement.makesRoomBy = by
    this.occupancy.setBound(placement.attemptId, endsBy(placement))
  }

  /** Its end is reported: its room is free already. */
  ended(placement: Placement): void {
    placement.ended = true
    this.occupancy.end(placement.attemptId)
  }

  private enter(host: Host, { attemptId, main }: Placement): void {
    this.holders.set(attemptId, host)
    if (main !== undefined) this.nodes.add(attemptId)
    this.emptied.delete(host)
  }

  private forget(attemptId: string): void {
    this.holders.delete(attemptId)
    this.nodes.delete(attemptId)
  }

  private freeOf(host: Host) {
    const free = this.occupancy.pool.free(host.agentId)
    return { ...free, cards: [...free.cards] }
  }
}

function run(host: Host, placement: Placement) {
  const { attemptId: id, resources, cards = [] } = placement
  return { id, host: host.agentId, resources, cards, endsBy: endsBy(placement) }
}

function poolHost({ agentId, offer }: Host): PoolHost {
  const { resources, architecture, labels, gpuModel } = offer
  return {
    id: agentId,
    capacity: resources,
    cards: Math.floor(resources.gpuMilli / wholeCard),
    ...(gpuModel === undefined ? {} : { gpuModel }),
    architecture,
    labels,
  }
}
