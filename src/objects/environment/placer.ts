import { adapterFor } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import {
  addResources,
  fits,
  noResources,
  type Resources,
  shortfall,
  wholeCard,
} from '../../core/model/resources.ts'
import type { Room } from '../../core/scheduling/choose-host.ts'
import { chooseHostsForGang } from '../../core/scheduling/choose-hosts-for-gang.ts'
import { HostPool } from '../../core/scheduling/host-pool.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import { type Standing, waitCodes } from '../../core/scheduling/pending-reason.ts'
import type { Demand } from './demand.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type {
  HeldPlacement,
  OpenedSession,
  PlaceAsk,
  PlacedAsk,
  PlacedAttempt,
  PlaceReply,
  PlaceRequest,
} from './environment-rpc.ts'
import type { EnvironmentSetup, EnvironmentStore } from './environment-store.ts'
import type { Host, Placement } from './host.ts'
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

  openSession(queue: number): OpenedSession {
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
    return { session, held, standing: this.standing(), capacity: this.capacity() }
  }

  place(request: PlaceRequest): PlaceReply {
    if (this.sessions.get(request.queue) !== request.session) return { ok: false, reason: 'stale-session' }
    this.demand.asks(request.queue)
    const standing = this.standing()
    const none = { placed: [], infeasible: [], blocked: [], over: [] }
    const reply: PlaceReply & { ok: true } = { ok: true, ...none, standing, capacity: this.capacity() }
    const rooms = this.rooms()
    const pool = poolOf(rooms)
    const chosen: Choice[] = []
    let closed = standing === 'disabled' || this.demand.mustYield(request.queue)
    for (const ask of request.asks) {
      const holder = this.holder(ask.attemptId)
      const { resources } = present(request.specs[ask.spec], 'spec of an ask')
      const wanted = [resources, ...(ask.nodes ?? []).map((node) => node.resources)]
      if (holder) reply.placed.push(this.placed(ask, holder))
      else if (this.isOver(ask.attemptId)) reply.over.push(ask.attemptId)
      else {
        const reason = this.infeasible(wanted, rooms)
        const taken =
          closed || reason !== undefined
            ? undefined
            : pool.chooseGang(wanted.map((resources) => ({ resources })))
        if (reason !== undefined) reply.infeasible.push({ attemptId: ask.attemptId, reason })
        else if (taken) {
          for (const [i, grant] of taken.entries()) pool.take(grant, wanted[i]!)
          const choice = {
            ask,
            hosts: taken.map(({ host }) => present(this.hosts.get(host), 'chosen host')),
            wanted,
          }
          chosen.push(choice)
          reply.placed.push(placedNow(choice))
        } else {
          // What stands behind it waits too: the order of the queue is kept.
          closed = true
          reply.blocked.push({ attemptId: ask.attemptId, short: leastLacks(wanted, pool) })
        }
      }
    }
    if (reply.blocked.length > 0) this.demand.blocked(request.queue)
    if (reply.infeasible.length > 0) this.demand.infeasible(request.queue)
    if (chosen.length > 0) this.start(request, chosen)
    return reply
  }

  private standing(): Standing {
    const config = this.setup()?.config
    if (!config || config.deleted || config.body.state === 'DISABLED') return 'disabled'
    return [...this.hosts.values()].some(({ socket }) => socket) ? 'hosts' : 'no-host'
  }

  private capacity(): Resources {
    const body = this.setup()?.config.body
    const vcpus = body?.computeResources?.maxvCpus ?? body?.unmanagedvCpus ?? 0
    const connected = [...this.hosts.values()].filter(({ socket }) => socket)
    const offered = connected.map(({ offer }) => offer.resources).reduce(addResources, noResources)
    return { ...offered, cpuMilli: Math.max(offered.cpuMilli, vcpus * 1000) }
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
  private start(request: PlaceRequest, chosen: Choice[]): void {
    const placedAt = this.ports.clock.now()
    const placements = chosen.flatMap((choice) => placementsOf(choice, request.queue, placedAt))
    for (const { host, placement } of placements) host.placements.set(placement.attemptId, placement)
    try {
      this.ports.sql.transaction(() => {
        for (const { placement } of placements) this.losses.withdraw(placement.attemptId)
        for (const host of new Set(placements.map(({ host }) => host))) this.store.saveHost(host)
      })
    } catch (error) {
      for (const { host, placement } of placements) host.placements.delete(placement.attemptId)
      throw error
    }
    const adapter = adapterFor(present(this.setup(), 'configuration').config.body)
    for (const [host, choices] of Map.groupBy(chosen, ({ hosts }) => hosts[0]!)) {
      const starts = choices.map(({ ask: { attemptId, spec, environment } }) => ({
        attemptId,
        spec,
        environment,
      }))
      adapter.startAttempts(present(host.socket, 'socket of a chosen host'), request.specs, starts)
    }
  }

  private placed(ask: PlaceAsk, holder: Host): PlacedAsk {
    const nodes = (ask.nodes ?? []).flatMap(({ attemptId }) => {
      const host = this.holder(attemptId)
      return host ? [placedOn(attemptId, host)] : []
    })
    return { ...placedOn(ask.attemptId, holder), ...(ask.nodes ? { nodes } : {}) }
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
  private infeasible(wanted: Resources[], rooms: Room<Host>[]): string | undefined {
    if (rooms.length === 0) return this.overMaximum(wanted)
    const offers = [...this.hosts.values()].map(({ offer }) => offer.resources)
    const tooLarge = wanted.find((resources) => !offers.some((offer) => fits(resources, offer)))
    if (tooLarge) {
      const over = this.overMaximum(wanted)
      if (over !== undefined) return over
      const lacks = rooms.map(({ capacity }) => shortfall(tooLarge, capacity))
      const least = lacks.reduce((a, b) => (b.length < a.length ? b : a))
      return `${waitCodes.noHostFits} - No connected host can hold this job: ${least.join('; ')}`
    }
    const empty = offers.map((offer) => ({ host: undefined, free: offer, capacity: offer }))
    if (wanted.length === 1 || chooseHostsForGang(wanted, empty)) return undefined
    return `${waitCodes.noHostFits} - The connected hosts together cannot hold the ${wanted.length} nodes of this job at once`
  }

  /** Why the environment could not hold it with all the hosts it may have, if so. */
  private overMaximum(wanted: Resources[]): string | undefined {
    const most = this.setup()?.config.body.computeResources?.maxvCpus
    const vcpus = wanted.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0) / 1000
    if (most === undefined || vcpus <= most) return undefined
    return `${waitCodes.overMaximum} - The job wants ${vcpus} vCPU, the compute environment has ${most} at most`
  }
}

/** Where an ask is to go: its own attempt first, then its nodes; `wanted` in the same order. */
type Choice = { ask: PlaceAsk; hosts: Host[]; wanted: Resources[] }

function poolOf(rooms: Room<Host>[]): HostPool {
  const pool = new HostPool()
  for (const { host, capacity } of rooms) {
    const { architecture, labels } = host.offer
    const cards = Math.floor(capacity.gpuMilli / wholeCard)
    pool.add({ id: host.agentId, capacity, cards, architecture, labels })
    let card = 0
    for (const { ended, resources } of host.placements.values()) {
      if (ended) continue
      const taken = Array.from({ length: Math.ceil(resources.gpuMilli / wholeCard) }, () => card++)
      pool.hold({ host: host.agentId, cards: taken }, resources)
    }
  }
  return pool
}

/** What the host that comes closest lacks for the first of `wanted` that fits none. */
function leastLacks(wanted: Resources[], pool: HostPool): Lack[] {
  const nearest = wanted.map((resources) => pool.nearest({ resources }, 1)[0]?.lacks ?? [])
  return nearest.find((short) => short.length > 0) ?? []
}

function placementsOf({ ask, hosts, wanted }: Choice, queue: number, placedAt: number) {
  const { attemptId: main, nodes = [] } = ask
  return [main, ...nodes.map(({ attemptId }) => attemptId)].map((attemptId, i) => {
    const placement: Placement = { attemptId, queue, resources: wanted[i]!, placedAt }
    return { host: hosts[i]!, placement: i === 0 ? placement : { ...placement, main, held: true } }
  })
}

function placedNow({ ask, hosts }: Choice): PlacedAsk {
  const main = placedOn(ask.attemptId, hosts[0]!)
  if (!ask.nodes) return main
  return { ...main, nodes: ask.nodes.map(({ attemptId }, i) => placedOn(attemptId, hosts[i + 1]!)) }
}

function placedOn(attemptId: string, host: Host): PlacedAttempt {
  return { attemptId, instanceId: host.instanceId, runtime: host.offer.runtime }
}
