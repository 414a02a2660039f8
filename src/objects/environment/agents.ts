import { adapterFor, say } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import { reconcileHost } from '../../core/decisions/reconcile-host.ts'
import { limits } from '../../core/limits.ts'
import type { AttemptReport, HostReport } from '../../core/model/attempt.ts'
import type { EnvironmentConfig } from '../../core/model/environment.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import { agentProtocolVersion } from '../../protocol/agent-protocol.ts'
import { parseAgentMessage } from '../../protocol/parse-agent-message.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import type { ReportReply } from '../queue/queue-rpc.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { EnvironmentSetup, EnvironmentStore, Loss } from './environment-store.ts'
import type { Gangs } from './gangs.ts'
import { Host, type Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import type { Leases } from './leases.ts'
import { LogRelay } from './log-relay.ts'
import type { Losses } from './losses.ts'
import type { Placer } from './placer.ts'
import { type Hello, isExpected, refuse, refuseMissing, welcome } from './reception.ts'
import type { ReportRelay } from './report-relay.ts'
import type { Turns } from './turns.ts'

export type AgentsParts = {
  ports: EnvironmentPorts
  store: EnvironmentStore
  hosts: Hosts
  leases: Leases
  losses: Losses
  gangs: Gangs
  turns: Turns
  relay: ReportRelay
  placer: Placer
  setup: () => EnvironmentSetup | undefined
}

/** The conversation with an environment's agents: what they say, what they are told, and what it means when they are gone. */
export class Agents {
  private readonly parts: AgentsParts
  private readonly logs: LogRelay

  constructor(parts: AgentsParts) {
    this.parts = parts
    this.logs = new LogRelay(parts.ports)
  }

  /** A text message on an agent's socket. */
  received(socket: PeerSocket, text: string): void {
    const parsed = parseAgentMessage(text)
    if (!parsed.ok) return refuse(socket, 'bad-message', parsed.error)
    const { message } = parsed
    if (message.type === 'hello') return this.hello(socket, message)
    const { hosts, ports } = this.parts
    const host = hosts.get(socket.peer() ?? '')
    // A socket that has been replaced, or a host without memory here, which was asked to say hello.
    if (!host || host.socket !== socket) return
    host.heardAt = ports.clock.now()
    if (message.type === 'logs') this.logs.pass(socket, message.id, message.batches)
    else {
      if (message.images) hosts.setImages(host, message.images)
      for (const report of message.reports) this.takeReport(host, report)
    }
  }

  /** An agent's socket is gone. */
  closed(socket: PeerSocket): void {
    const { hosts, leases, ports, store, turns } = this.parts
    const host = hosts.get(socket.peer() ?? '')
    if (host?.socket !== socket) return
    const lastSignOfLife = host.lastSignOfLife()
    hosts.setSocket(host, undefined)
    if (host.placements.size === 0) this.forget(host)
    else {
      host.leaseExpiresAt = lastSignOfLife + this.config.leaseMs
      ports.sql.transaction(() => store.saveHost(host))
      leases.arm()
    }
    if (hosts.connected === 0) turns.hostsGone()
  }

  /** Asks a host to stop what is placed there. */
  stop(host: Host, stops: { attemptId: string; reason: string }[]): void {
    const { ports, store } = this.parts
    for (const { attemptId, reason } of stops) host.placements.get(attemptId)!.stop = reason
    ports.sql.transaction(() => store.saveHost(host))
    if (host.socket) adapterFor(this.config.body).stopAttempts(host.socket, stops)
  }

  /** The leases of these hosts have run out: as many are lost as one turn should hold. */
  lose(expired: Host[]): void {
    const { hosts, gangs, losses, ports, store } = this.parts
    const now = ports.clock.now()
    let left: number = limits.lossesPerTurn
    for (const host of expired) {
      if (left <= 0) break
      left -= host.placements.size
      host.socket?.close(4001, 'lease expired')
      const lost = [...host.placements.values()].map((placement) => lossOf(host, 'host-lost', placement, now))
      losses.record(lost, () => store.deleteHost(host))
      hosts.remove(host)
    }
    if (expired.length > 0) gangs.releaseOrphans()
  }

  /** A queue has answered a batch of reports. */
  settle(queue: number, batch: HostReport[], reply: ReportReply): void {
    const { hosts, gangs, leases, losses, placer, turns } = this.parts
    const reports = new Map(batch.map((report) => [report.attemptId, report]))
    const reporter = (attemptId: string) => reports.get(attemptId)?.instanceId
    // A loss that is settled says nothing of a placement made since.
    const ends = reply.settled.filter((attemptId) => reports.get(attemptId)?.kind === 'ended')
    placer.settle(reply.settled.filter((attemptId) => reports.get(attemptId)?.kind !== 'absent'))
    const settled = Map.groupBy(ends, reporter)
    const stops = Map.groupBy(reply.stop, ({ attemptId }) => reporter(attemptId))
    for (const instanceId of new Set(batch.map((report) => report.instanceId))) {
      const host = hosts.ofInstance(instanceId)
      if (!host) continue
      const attemptIds = settled.get(instanceId) ?? []
      for (const attemptId of attemptIds) if (host.placements.has(attemptId)) hosts.drop(attemptId)
      if (host.socket && attemptIds.length > 0) say(host.socket, { type: 'settled', attemptIds })
      const stop = (stops.get(instanceId) ?? []).filter(({ attemptId }) => host.placements.has(attemptId))
      if (stop.length > 0) this.stop(host, stop)
    }
    gangs.settled(reply.settled.flatMap((attemptId) => reports.get(attemptId) ?? []))
    losses.settle(batch)
    gangs.releaseOrphans()
    for (const host of hosts.takeEmptied()) this.dismissIfDone(host)
    if (reply.settled.length === 0) return
    leases.settled()
    turns.roomAfterReport(queue)
  }

  /** A host with nothing to finish is forgotten when its agent is away, and sent away when the environment is deleted. */
  dismissIfDone(host: Host): void {
    if (host.placements.size > 0) return
    if (!host.socket) return this.forget(host)
    if (!this.config.deleted) return
    refuseMissing(host.socket)
    this.closed(host.socket)
  }

  private get config(): EnvironmentConfig {
    return present(this.parts.setup(), 'configuration of the compute environment').config
  }

  private hello(socket: PeerSocket, hello: Hello): void {
    const { hosts, gangs, leases, losses, ports, setup, store, turns } = this.parts
    const known = hosts.get(hello.instanceId)
    if (!isExpected(setup()?.config, known, hello)) return refuseMissing(socket)
    if (hello.protocol !== agentProtocolVersion)
      return refuse(socket, 'protocol', `this server speaks agent protocol ${agentProtocolVersion}`)
    const now = ports.clock.now()
    const host = known ?? new Host(hello.instanceId, hello.offer, now)
    if (host.socket && host.socket !== socket) host.socket.close(4000, 'replaced by a new connection')
    if (!known) hosts.add(host)
    socket.setPeer(host.agentId)
    host.offer = hello.offer
    host.heardAt = now
    host.leaseExpiresAt = undefined
    hosts.setSocket(host, socket, true)
    hosts.setImages(host, hello.images ?? [])
    const settled = reconcileHost(host.placements, hello.attempts)
    for (const report of settled.reports) this.takeReport(host, report)
    const absent = settled.absent.map((placement) => lossOf(host, 'absent', placement, now))
    for (const placement of settled.absent) if (!gangs.holdAgain(placement)) hosts.drop(placement.attemptId)
    if (host.stored) losses.record(absent, () => store.saveHost(host))
    gangs.releaseOrphans()
    say(socket, welcome(this.config, ports.deployment, settled.stop))
    leases.arm()
    turns.hostsChanged()
  }

  private takeReport(host: Host, report: AttemptReport): void {
    const { hosts, ports, relay } = this.parts
    const placement = host.placements.get(report.attemptId)
    const queue = placement?.queue ?? parseAttemptId(report.attemptId, ports.deployment.salt)?.queue
    if (queue === undefined) {
      // Of another deployment: nothing here will ever settle it.
      if (host.socket && report.kind === 'ended')
        say(host.socket, { type: 'settled', attemptIds: [report.attemptId] })
      return
    }
    if (placement?.held) placement.held = false
    if (placement && report.kind === 'started') hosts.started(placement, report.startedAt)
    if (placement && report.kind === 'ended') hosts.ended(placement)
    const { runtime, privateIpv4Address } = host.offer
    const address = privateIpv4Address === undefined ? {} : { privateIpv4Address }
    const preempted = report.kind === 'ended' && placement ? whyPreempted(placement) : {}
    relay.add(queue, { ...report, instanceId: host.instanceId, runtime, ...address, ...preempted })
  }

  private forget(host: Host): void {
    const { hosts, ports, store } = this.parts
    hosts.remove(host)
    if (host.stored) ports.sql.transaction(() => store.deleteHost(host))
  }
}

function lossOf({ instanceId }: Host, kind: Loss['kind'], placement: Placement, at: number): Loss {
  return { kind, attemptId: placement.attemptId, instanceId, at, ...whyPreempted(placement) }
}

function whyPreempted({ preempted }: Placement): { preempted?: string } {
  return preempted === undefined ? {} : { preempted }
}
