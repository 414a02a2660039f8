import { adapterFor } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import { fits, type Resources, shortfall, subtractResources } from '../../core/model/resources.ts'
import { chooseHost, type Room } from '../../core/scheduling/choose-host.ts'
import type { Demand } from './demand.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { HeldPlacement, PlaceAsk, PlaceReply, PlaceRequest } from './environment-rpc.ts'
import type { EnvironmentSetup, EnvironmentStore } from './environment-store.ts'
import type { Host } from './host.ts'
import type { Losses } from './losses.ts'

/** A host not heard of for this part of its lease is given nothing new. */
const staleAfterLeases = 0.3

/** Settled attempts that are remembered: far more than end while one request to place is under way. */
const rememberedAttempts = 20_000

/** Answers requests to place: which host takes which attempt. */
export class Placer {
  private readonly ports: EnvironmentPorts
  private readonly store: EnvironmentStore
  private readonly hosts: ReadonlyMap<string, Host>
  private readonly demand: Demand
  private readonly losses: Losses
  private readonly setup: () => EnvironmentSetup | undefined
  private readonly sessions = new Map<number, string>()
  /** A request to place may arrive after the end of an attempt it names; one of an earlier life is of a stale session. */
  private readonly settled = new Set<string>()

  constructor(
    ports: EnvironmentPorts,
    store: EnvironmentStore,
    hosts: ReadonlyMap<string, Host>,
    demand: Demand,
    losses: Losses,
    setup: () => EnvironmentSetup | undefined,
  ) {
    this.ports = ports
    this.store = store
    this.hosts = hosts
    this.demand = demand
    this.losses = losses
    this.setup = setup
  }

  openSession(queue: number): { session: string; held: HeldPlacement[] } {
    const session = this.ports.random.uuid()
    this.sessions.set(queue, session)
    // What has ended or was lost is held until the queue knows: it must not be placed elsewhere meanwhile.
    const held: HeldPlacement[] = this.losses.ofQueue(queue)
    for (const host of this.hosts.values())
      for (const { attemptId, queue: owner, placedAt, startedAt } of host.placements.values()) {
        if (owner !== queue) continue
        const { instanceId, offer } = host
        const started = startedAt === undefined ? {} : { startedAt }
        held.push({ attemptId, instanceId, runtime: offer.runtime, placedAt, ...started })
      }
    return { session, held }
  }

  place(request: PlaceRequest): PlaceReply {
    if (this.sessions.get(request.queue) !== request.session) return { ok: false, reason: 'stale-session' }
    this.demand.asks(request.queue)
    const reply: PlaceReply & { ok: true } = { ok: true, placed: [], infeasible: [], blocked: [], over: [] }
    const rooms = this.rooms()
    const chosen = new Map<Host, PlaceAsk[]>()
    let closed = this.setup()?.config.body.state !== 'ENABLED' || this.demand.mustYield(request.queue)
    for (const ask of request.asks) {
      const holder = this.holder(ask.attemptId)
      const wanted = present(request.specs[ask.spec], 'spec of an ask').resources
      if (holder) reply.placed.push(placed(ask, holder))
      else if (this.isOver(ask.attemptId)) reply.over.push(ask.attemptId)
      else {
        const reason = this.infeasible(wanted, rooms)
        const room = closed || reason !== undefined ? undefined : chooseHost(wanted, rooms)
        if (reason !== undefined) reply.infeasible.push({ attemptId: ask.attemptId, reason })
        else if (room) {
          room.free = subtractResources(room.free, wanted)
          chosen.set(room.host, [...(chosen.get(room.host) ?? []), ask])
          reply.placed.push(placed(ask, room.host))
        } else {
          // What stands behind it waits too: the order of the queue is kept.
          closed = true
          reply.blocked.push(ask.attemptId)
        }
      }
    }
    if (reply.blocked.length > 0) this.demand.blocked(request.queue)
    if (chosen.size > 0) this.start(request, chosen)
    return reply
  }

  /** These attempts have ended and their queues know: they must never be placed again. */
  settle(attemptIds: string[]): void {
    for (const attemptId of attemptIds) this.settled.add(attemptId)
    for (const oldest of this.settled) {
      if (this.settled.size <= rememberedAttempts) break
      this.settled.delete(oldest)
    }
  }

  private isOver(attemptId: string): boolean {
    return this.settled.has(attemptId) || this.losses.isOver(attemptId)
  }

  /** Commits the placements, then tells the hosts. */
  private start(request: PlaceRequest, chosen: Map<Host, PlaceAsk[]>): void {
    const placedAt = this.ports.clock.now()
    for (const [host, asks] of chosen)
      for (const { attemptId, spec } of asks) {
        const { resources } = request.specs[spec]!
        host.placements.set(attemptId, { attemptId, queue: request.queue, resources, placedAt })
      }
    try {
      this.ports.sql.transaction(() => {
        for (const [host, asks] of chosen) {
          for (const { attemptId } of asks) this.losses.withdraw(attemptId)
          this.store.saveHost(host)
        }
      })
    } catch (error) {
      for (const [host, asks] of chosen) for (const { attemptId } of asks) host.placements.delete(attemptId)
      throw error
    }
    const adapter = adapterFor(present(this.setup(), 'configuration').config.body)
    for (const [host, asks] of chosen)
      adapter.startAttempts(present(host.socket, 'socket of a chosen host'), request.specs, asks)
  }

  private holder(attemptId: string): Host | undefined {
    for (const host of this.hosts.values()) if (host.placements.has(attemptId)) return host
    return undefined
  }

  /** Hosts that may take work now. */
  private rooms(): Room<Host>[] {
    const config = this.setup()?.config
    if (!config) return []
    const freshAfter = this.ports.clock.now() - config.leaseMs * staleAfterLeases
    return [...this.hosts.values()]
      .filter((host) => host.socket && host.ready && host.lastSignOfLife() > freshAfter)
      .map((host) => ({ host, free: host.free, capacity: host.offer.resources }))
  }

  /** Why no host here, however empty, could hold it. While no host is connected nothing is said to be impossible. */
  private infeasible(wanted: Resources, rooms: Room<Host>[]): string | undefined {
    if (rooms.length === 0) return undefined
    for (const { offer } of this.hosts.values()) if (fits(wanted, offer.resources)) return undefined
    const lacks = rooms.map(({ capacity }) => shortfall(wanted, capacity))
    const least = lacks.reduce((a, b) => (b.length < a.length ? b : a))
    return `MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - No connected host can hold this job: ${least.join('; ')}`
  }
}

function placed(
  ask: PlaceAsk,
  host: Host,
): { attemptId: string; instanceId: string; runtime: 'docker' | 'process' } {
  return { attemptId: ask.attemptId, instanceId: host.instanceId, runtime: host.offer.runtime }
}
