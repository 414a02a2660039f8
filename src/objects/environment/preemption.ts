import { adapterFor } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import { limits } from '../../core/limits.ts'
import { VictimChoice } from '../../core/scheduling/choose-victims.ts'
import type { Ask } from '../../core/scheduling/grant-choice.ts'
import { RoomMaker } from '../../core/scheduling/room-maker.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { PlaceRequest, RoomBeingMade } from './environment-rpc.ts'
import type { EnvironmentSetup } from './environment-store.ts'
import { endsBy, type Host, type Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import { excessLeft, listPreemptible, roomsToCome } from './preemptible.ts'
import type { Turns } from './turns.ts'

export type PreemptionParts = {
  ports: Pick<EnvironmentPorts, 'clock'>
  hosts: Hosts
  turns: Turns
  setup: () => EnvironmentSetup | undefined
}

/** A placement that is to make room, where, and for which ask. */
type Victim = { host: Host; placement: Placement; ask: string }
/** For whom room is made: the queue, and the attempt that it asks for. */
type Asker = { queue: number; ask: string }

/**
 * Attempts that are told to make room for asks that found none, where a queue has asked for that. The intent is in their
 * hosts' rows before anybody hears of it; until they have ended nobody else gets what they leave.
 */
export class Preemption {
  private readonly parts: PreemptionParts
  /** Attempts that are making room, and for whom. Memory only. */
  private readonly making = new Map<string, Asker>()

  constructor(parts: PreemptionParts) {
    this.parts = parts
  }

  /** What one request to place does about asks that find no room; undefined where it may preempt nobody. */
  round(request: PlaceRequest, mayUse: (agentId: string) => boolean): PreemptionRound | undefined {
    if (!request.preempts && !request.excess) return undefined
    // What was found for the asks that this request continues is theirs.
    const taken = request.continues ? this.hostsFor((asker) => asker === request.queue) : new Set<string>()
    return new PreemptionRound(
      this.parts,
      request,
      (agentId) => !taken.has(agentId) && mayUse(agentId),
      this.making,
    )
  }

  /** Says of a host whether a queue may be given something there: not where others are making room for one before it. */
  leaves(queue: number): (agentId: string) => boolean {
    const { turns } = this.parts
    const priority = turns.priorityOf(queue)
    const kept = this.hostsFor((asker) => asker !== queue && turns.priorityOf(asker) >= priority)
    return (agentId) => !kept.has(agentId)
  }

  /** What has been told to make room for each ask, and has not ended. */
  forAsks(): ReadonlyMap<string, RoomBeingMade> {
    const found = new Map<string, RoomBeingMade>()
    for (const [attemptId, { ask }] of this.making) {
      const placement = this.parts.hosts.placement(attemptId)
      if (!placement || placement.ended) continue
      const { attempts, by } = found.get(ask) ?? { attempts: 0, by: 0 }
      const isNode = placement.main !== undefined
      found.set(ask, { attempts: attempts + (isNode ? 0 : 1), by: Math.max(by, endsBy(placement)) })
    }
    return found
  }

  /** Hosts on which room is being made for such queues. */
  private hostsFor(isOne: (asker: number) => boolean): Set<string> {
    const found = new Set<string>()
    for (const [attemptId, { queue }] of this.making) {
      const host = this.parts.hosts.holder(attemptId)
      if (!host) this.making.delete(attemptId)
      else if (isOne(queue)) found.add(host.agentId)
    }
    return found
  }
}

/** Of one request to place: who is to make room for which of its asks. */
export class PreemptionRound {
  private readonly parts: PreemptionParts
  private readonly request: PlaceRequest
  private readonly mayUse: (agentId: string) => boolean
  private readonly making: Map<string, Asker>
  private readonly reclaiming: ReadonlySet<string>
  private readonly victims: Victim[] = []
  private readonly maker = new RoomMaker((reserved) => this.prepare(reserved))

  constructor(
    parts: PreemptionParts,
    request: PlaceRequest,
    mayUse: (agentId: string) => boolean,
    making: Map<string, Asker>,
  ) {
    this.parts = parts
    this.request = request
    this.mayUse = mayUse
    this.making = making
    this.reclaiming = new Set(
      request.asks.filter(({ reclaims }) => reclaims).map(({ attemptId }) => attemptId),
    )
  }

  /** An ask has found no room; whether others make it. `reserved`: hosts on which room is kept for others. */
  makeRoom(ask: Ask, reserved: ReadonlySet<string>): boolean {
    const { turns, ports } = this.parts
    const { id: attemptId } = ask.attempts[0]!
    const above = this.request.preempts ? turns.priorityOf(this.request.queue) : undefined
    const reclaims = this.reclaiming.has(attemptId)
    const chosen = this.maker.makeRoom(ask, reserved, { above, reclaims })
    const by = ports.clock.now() + limits.stopTimeoutSeconds * 1000
    for (const { id } of chosen ?? [])
      for (const victim of this.gang(id)) {
        this.victims.push({ ...victim, ask: attemptId })
        this.parts.hosts.makesRoom(victim.placement, by)
      }
    return chosen !== undefined
  }

  /** Marks the victims; returns the hosts whose rows have to be written. Part of the transaction that places the others. */
  mark(): Host[] {
    for (const { placement, ask } of this.victims) {
      placement.preempted = this.reasonOf(ask)
      placement.stop = placement.preempted
    }
    return this.victims.map(({ host }) => host)
  }

  /** The transaction has failed. */
  undo(): void {
    for (const { placement } of this.victims) {
      delete placement.preempted
      delete placement.stop
      this.parts.hosts.makesRoom(placement, undefined)
    }
  }

  /** What is committed is told to the hosts; those that are away hear of it when they are back. */
  tell(): void {
    if (this.victims.length === 0) return
    const adapter = adapterFor(present(this.parts.setup(), 'configuration').config.body)
    const { queue } = this.request
    for (const { placement, ask } of this.victims) this.making.set(placement.attemptId, { queue, ask })
    const told = this.victims.filter(({ placement }) => !placement.held)
    for (const [host, here] of Map.groupBy(told, (victim) => victim.host))
      if (host.socket)
        adapter.stopAttempts(
          host.socket,
          here.map(({ placement: { attemptId }, ask }) => ({ attemptId, reason: this.reasonOf(ask) })),
        )
  }

  /** Attempts of the asking queue itself that are to make room. */
  ownVictims(): string[] {
    const own = this.victims.filter(({ placement }) => placement.queue === this.request.queue)
    return own.map(({ placement }) => placement.attemptId)
  }

  private reasonOf(ask: string): string {
    const { queue: number, asks } = this.request
    const queue = this.parts.setup()?.queues.find((one) => one.number === number)
    const jobId = asks.find(({ attemptId }) => attemptId === ask)?.environment.AWS_BATCH_JOB_ID
    return `Preempted: job queue ${queue?.name ?? number} wants its room${jobId === undefined ? '' : ` for job ${jobId}`}`
  }

  private prepare(reserved: ReadonlySet<string>): VictimChoice {
    const { queue, preempts = false, excess = [] } = this.request
    const mayUse = (agentId: string) => !reserved.has(agentId) && this.mayUse(agentId)
    return new VictimChoice(
      roomsToCome(this.parts.hosts, mayUse),
      listPreemptible(this.parts, { queue, lower: preempts, excess }, mayUse),
      excessLeft(this.parts.hosts, excess),
    )
  }

  /** An attempt with the others of its gang. */
  private gang(attemptId: string): Omit<Victim, 'ask'>[] {
    const { hosts } = this.parts
    const victims: Omit<Victim, 'ask'>[] = []
    for (const { host, placement } of hosts.nodePlacements())
      if (placement.main === attemptId && !placement.ended) victims.push({ host, placement })
    const host = present(hosts.holder(attemptId), 'host of a victim')
    return [{ host, placement: host.placements.get(attemptId)! }, ...victims]
  }
}
