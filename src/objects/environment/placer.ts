import { adapterFor } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import type { Claims } from '../../core/scheduling/claims.ts'
import type { Grant } from '../../core/scheduling/demand.ts'
import type { Ask } from '../../core/scheduling/grant-choice.ts'
import { PlacementPass } from '../../core/scheduling/placement-pass.ts'
import { askOf } from './ask-of.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type {
  BlockedAsk,
  HeldPlacement,
  OpenedSession,
  PlaceAsk,
  PlacedAsk,
  PlacedAttempt,
  PlacementQuestion,
  PlacementView,
  PlaceReply,
  PlaceRequest,
} from './environment-rpc.ts'
import type { EnvironmentSetup, EnvironmentStore } from './environment-store.ts'
import { explainPlacement } from './explain-placement.ts'
import type { Host, Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import type { Losses } from './losses.ts'
import type { Outlook } from './outlook.ts'
import type { Preemption, PreemptionRound } from './preemption.ts'
import type { Turns } from './turns.ts'

/** Settled attempts that are remembered: far more than end while one request to place is under way. */
const rememberedAttempts = 20_000

export type PlacerParts = {
  ports: EnvironmentPorts
  store: EnvironmentStore
  hosts: Hosts
  claims: Claims
  turns: Turns
  losses: Losses
  preemption: Preemption
  outlook: Outlook
  setup: () => EnvironmentSetup | undefined
}

/** Answers requests to place: which host takes which attempt. */
export class Placer {
  private readonly parts: PlacerParts
  private readonly sessions = new Map<number, string>()
  /** A request to place may arrive after the end of an attempt it names; one of an earlier life is of a stale session. */
  private readonly settled = new Set<string>()

  constructor(parts: PlacerParts) {
    this.parts = parts
  }

  openSession(queue: number): OpenedSession {
    const { ports, losses, hosts, claims, outlook } = this.parts
    const session = ports.random.uuid()
    this.sessions.set(queue, session)
    claims.drop(queue)
    // What has ended or was lost is held until the queue knows: it must not be placed elsewhere meanwhile.
    const held: HeldPlacement[] = losses.ofQueue(queue)
    for (const { instanceId, offer, placements } of hosts.values())
      for (const { attemptId, queue: owner, placedAt, startedAt, preempted } of placements.values()) {
        if (owner !== queue) continue
        const started = startedAt === undefined ? {} : { startedAt }
        const making = preempted === undefined ? {} : { makesRoom: true as const }
        held.push({ attemptId, instanceId, runtime: offer.runtime, placedAt, ...started, ...making })
      }
    return { session, held, standing: outlook.standing(), capacity: outlook.capacity() }
  }

  place(request: PlaceRequest): PlaceReply {
    if (this.sessions.get(request.queue) !== request.session) return { ok: false, reason: 'stale-session' }
    const { turns, outlook } = this.parts
    const none = { placed: [], infeasible: [], blocked: [], over: [] }
    const reply: Reply = { ok: true, ...none, standing: outlook.standing(), capacity: outlook.capacity() }
    // A request that goes on leaves what was blocked before it waiting.
    if (!request.continues) turns.asks(request.queue)
    for (const attemptId of request.elsewhere ?? []) this.parts.claims.placed(request.queue, attemptId)
    const mayUse = this.mayUse(request.queue)
    const preemption = this.parts.preemption.round(request, mayUse)
    const pass = this.pass(request, reply.standing === 'disabled', mayUse, preemption)
    const chosen: Choice[] = []
    try {
      const place = this.placing(request, pass, reply)
      for (const ask of request.asks) {
        const choice = place(ask)
        if (choice) chosen.push(choice)
      }
      pass.end()
      this.commit({ queue: request.queue, placedAt: pass.now }, chosen, preemption?.mark() ?? [])
    } catch (error) {
      preemption?.undo()
      for (const { ask } of chosen) for (const { id } of ask.attempts) this.parts.hosts.drop(id)
      throw error
    }
    if (reply.blocked.length > 0) turns.blocked(request.queue)
    if (reply.infeasible.length > 0) turns.infeasible(request.queue)
    if (chosen.length > 0) this.tell(request, chosen)
    preemption?.tell()
    this.noteRoomBeingMade(reply.blocked)
    const preempted = preemption?.ownVictims() ?? []
    if (preempted.length > 0) reply.preempted = preempted
    return reply
  }

  /** What `place` would say of an attempt now. */
  explain(question: PlacementQuestion): PlacementView {
    const view = explainPlacement(this.parts, question, this.mayUse(question.queue))
    const roomBeingMade = this.parts.preemption.forAsks().get(question.attemptId)
    return roomBeingMade ? { ...view, roomBeingMade } : view
  }

  /** These attempts have ended and their queues know: they must never be placed again. */
  settle(attemptIds: string[]): void {
    for (const attemptId of attemptIds) this.settled.add(attemptId)
    for (const oldest of this.settled) {
      if (this.settled.size <= rememberedAttempts) break
      this.settled.delete(oldest)
    }
  }

  /** Hosts that may be given work of a queue just now. */
  private mayUse(queue: number): (agentId: string) => boolean {
    const isFresh = this.parts.outlook.freshness()
    const isLeft = this.parts.preemption.leaves(queue)
    return (agentId) => isFresh(agentId) && isLeft(agentId)
  }

  private pass(
    { queue, strict, continues }: PlaceRequest,
    disabled: boolean,
    allowed: (agentId: string) => boolean,
    preemption: PreemptionRound | undefined,
  ): PlacementPass {
    const { hosts, claims, turns, ports } = this.parts
    const yields = turns.yieldsTo(queue) !== undefined
    if (yields) turns.serve()
    const priority = turns.priorityOf(queue)
    const options = { queue, priority, now: ports.clock.now(), strict, continues }
    return new PlacementPass(hosts.occupancy, claims, {
      ...options,
      closed: disabled || yields,
      allowed,
      makeRoom: preemption && ((ask, reserved) => preemption.makeRoom(ask, reserved)),
    })
  }

  /** Answers the asks of a request one by one, into `reply`; returns what is to be placed. */
  private placing(
    request: PlaceRequest,
    pass: PlacementPass,
    reply: Reply,
  ): (ask: PlaceAsk) => Choice | undefined {
    const { hosts, outlook } = this.parts
    const short = outlook.shortages()
    return (placeAsk) => {
      const { attemptId } = placeAsk
      const holder = hosts.holder(attemptId)
      if (holder) reply.placed.push(this.placed(placeAsk, holder))
      else if (this.isOver(attemptId)) reply.over.push(attemptId)
      else {
        const ask = askOf(request.specs, placeAsk)
        const demands = ask.attempts.map(({ demand }) => demand)
        const placing = pass.place(ask)
        if (placing.kind === 'placed') {
          const choice = { placeAsk, ask, grants: placing.grants }
          reply.placed.push(this.placedNow(choice))
          return choice
        }
        const reason = outlook.infeasible(demands, placing.kind === 'infeasible')
        if (reason !== undefined) reply.infeasible.push({ attemptId, reason })
        else {
          const at = placing.kind === 'blocked' ? placing.reservation?.at : undefined
          const blocked: BlockedAsk = { attemptId, short: placing.kind === 'blocked' ? short(demands) : [] }
          reply.blocked.push(
            at !== undefined && at < Number.POSITIVE_INFINITY ? { ...blocked, reservedAt: at } : blocked,
          )
        }
      }
      return undefined
    }
  }

  private noteRoomBeingMade(blocked: BlockedAsk[]): void {
    const made = this.parts.preemption.forAsks()
    for (const ask of blocked) {
      const roomBeingMade = made.get(ask.attemptId)
      if (roomBeingMade) ask.roomBeingMade = roomBeingMade
    }
  }

  private isOver(attemptId: string): boolean {
    return this.settled.has(attemptId) || this.parts.losses.isOver(attemptId)
  }

  /** What is placed, together with what is marked on hosts in `marked`. */
  private commit(by: Pick<Placement, 'queue' | 'placedAt'>, chosen: Choice[], marked: Host[]): void {
    if (chosen.length + marked.length === 0) return
    const { ports, hosts, losses, store } = this.parts
    const touched = new Set(marked)
    for (const choice of chosen)
      for (const { agentId, placement } of placementsOf(choice, by)) {
        const host = present(hosts.get(agentId), 'a host that was chosen')
        hosts.put(host, placement)
        touched.add(host)
      }
    ports.sql.transaction(() => {
      for (const { ask } of chosen) for (const { id } of ask.attempts) losses.withdraw(id)
      for (const host of touched) store.saveHost(host)
    })
  }

  /** What is committed is told to the hosts. */
  private tell(request: PlaceRequest, chosen: Choice[]): void {
    const { hosts, setup } = this.parts
    const adapter = adapterFor(present(setup(), 'configuration').config.body)
    for (const [agentId, choices] of Map.groupBy(chosen, ({ grants }) => grants[0]!.host)) {
      const starts = choices.map(({ placeAsk: { attemptId, spec, environment }, grants: [grant] }) => {
        const { cards } = grant!
        return { attemptId, spec, environment, ...(cards.length > 0 ? { cards } : {}) }
      })
      const socket = present(hosts.get(agentId)?.socket, 'socket of a chosen host')
      adapter.startAttempts(socket, request.specs, starts)
    }
  }

  private placed({ attemptId, nodes }: PlaceAsk, holder: Host): PlacedAsk {
    const main = placedOn(attemptId, holder)
    if (!nodes) return main
    const placed = nodes.flatMap((node) => {
      const host = this.parts.hosts.holder(node.attemptId)
      return host ? [placedOn(node.attemptId, host)] : []
    })
    return { ...main, nodes: placed }
  }

  private placedNow({ placeAsk, grants }: Choice): PlacedAsk {
    const on = ({ host }: Grant) => present(this.parts.hosts.get(host), 'a host that was chosen')
    const main = placedOn(placeAsk.attemptId, on(grants[0]!))
    if (!placeAsk.nodes) return main
    return {
      ...main,
      nodes: placeAsk.nodes.map(({ attemptId }, i) => placedOn(attemptId, on(grants[i + 1]!))),
    }
  }
}

type Reply = PlaceReply & { ok: true }

/** Where an ask is to go: its own attempt first, then its nodes; `grants` in the same order. */
type Choice = { placeAsk: PlaceAsk; ask: Ask; grants: Grant[] }

function placementsOf({ ask, grants }: Choice, by: Pick<Placement, 'queue' | 'placedAt'>) {
  const main = ask.attempts[0]!.id
  return ask.attempts.map(({ id, demand, boundMs }, i) => {
    const { host: agentId, cards } = grants[i]!
    const placement: Placement = { attemptId: id, ...by, resources: demand.resources, cards }
    if (boundMs < Number.POSITIVE_INFINITY) placement.boundMs = boundMs
    return { agentId, placement: i === 0 ? placement : { ...placement, main, held: true } }
  })
}

function placedOn(attemptId: string, { instanceId, offer }: Host): PlacedAttempt {
  return { attemptId, instanceId, runtime: offer.runtime }
}
