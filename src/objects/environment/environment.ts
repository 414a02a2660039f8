import { adapterFor, say } from '../../../adapters/registry.ts'
import { reconcileHost } from '../../core/decisions/reconcile-host.ts'
import type { AttemptReport, HostReport } from '../../core/model/attempt.ts'
import type { EnvironmentBody, EnvironmentConfig, HostView } from '../../core/model/environment.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import { agentProtocolVersion } from '../../protocol/agent-protocol.ts'
import { parseAgentMessage } from '../../protocol/parse-agent-message.ts'
import { migrate } from '../../runtime/migrate.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import type { ReportReply } from '../queue/queue-rpc.ts'
import { Demand } from './demand.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type {
  AttachedQueue,
  EnvironmentRpc,
  OpenedSession,
  PlaceReply,
  PlaceRequest,
  StartNodes,
} from './environment-rpc.ts'
import { environmentMigrations } from './environment-schema.ts'
import { type EnvironmentSetup, EnvironmentStore, type Loss } from './environment-store.ts'
import { Gangs } from './gangs.ts'
import { Host } from './host.ts'
import { Leases } from './leases.ts'
import { LogRelay } from './log-relay.ts'
import { Losses } from './losses.ts'
import { Placer } from './placer.ts'
import { type Hello, isExpected, refuse, refuseMissing, welcome } from './reception.ts'
import { ReportRelay } from './report-relay.ts'

/** One compute environment: its hosts, what is placed on them, and the conversation with their agents. */
export class Environment implements EnvironmentRpc {
  private readonly ports: EnvironmentPorts
  private readonly store: EnvironmentStore
  private readonly hosts = new Map<string, Host>()
  private readonly leases: Leases
  private readonly losses: Losses
  private readonly gangs: Gangs
  private readonly demand: Demand
  private readonly relay: ReportRelay
  private readonly placer: Placer
  private setup: EnvironmentSetup | undefined
  private readonly logs: LogRelay

  constructor(ports: EnvironmentPorts) {
    this.ports = ports
    migrate(ports.sql, environmentMigrations)
    this.store = new EnvironmentStore(ports.sql)
    this.leases = new Leases(ports, this.store, this.hosts, () => this.config.leaseMs)
    this.setup = this.store.loadSetup()
    this.logs = new LogRelay(ports)
    this.demand = new Demand(ports.scheduler, (queue, changed) =>
      this.ports.queue(queue).wake(this.config.number, changed),
    )
    this.demand.attach(this.setup?.queues ?? [])
    this.relay = new ReportRelay(
      ports.scheduler,
      (queue, reports) => this.ports.queue(queue).report(this.config.number, reports),
      (queue, batch, reply) => this.settle(queue, batch, reply),
    )
    const { upSince } = this.leases
    for (const host of this.store.loadHosts(upSince)) this.hosts.set(host.agentId, host)
    this.losses = new Losses(ports, this.store, this.relay)
    this.gangs = new Gangs(ports, this.store, this.hosts, this.losses, () => this.setup)
    this.placer = new Placer(ports, this.store, this.hosts, this.demand, this.losses, () => this.setup)
  }

  /**
   * After a start anew: takes up the sockets that slept with the object, gives every host that has none a full lease,
   * and goes on telling queues of lost attempts. `armed`: what the alarm is set to.
   */
  resume(sockets: PeerSocket[], armed: number | null): void {
    for (const socket of sockets) {
      const host = this.hosts.get(socket.peer() ?? '')
      if (host) {
        host.socket = socket
        host.heardAt = socket.lastPongAt() ?? this.leases.upSince
      }
      say(socket, { type: 'identify' })
    }
    this.ports.sql.transaction(() => {
      for (const host of this.hosts.values()) {
        if (host.socket || host.leaseExpiresAt !== undefined) continue
        host.leaseExpiresAt = this.leases.upSince + this.config.leaseMs
        this.store.saveHost(host)
      }
    })
    this.losses.resume()
    this.gangs.releaseOrphans()
    this.leases.resume(armed)
  }

  async configure(config: EnvironmentConfig, queues: AttachedQueue[]): Promise<void> {
    const before = this.setup?.config
    if (before && (config.version ?? 0) < (before.version ?? 0)) return
    const setup = { config, queues }
    this.ports.sql.transaction(() => this.store.saveSetup(setup))
    this.setup = setup
    this.demand.attach(queues)
    const changed = before && !sameCapacity(before.body, config.body)
    if (this.hosts.size > 0 || changed) this.demand.hostsChanged()
    for (const host of [...this.hosts.values()]) this.dismissIfDone(host)
  }

  /** Asks the Registry once where this object has no configuration: a delivery may have been lost. */
  async ensureConfigured(): Promise<void> {
    if (this.setup) return
    const setup = await this.ports.registry.environmentSetup(this.ports.number)
    if (setup && !this.setup) await this.configure(setup.config, setup.queues)
  }

  async openSession(queue: number): Promise<OpenedSession> {
    await this.ensureConfigured()
    return this.placer.openSession(queue)
  }

  async place(request: PlaceRequest): Promise<PlaceReply> {
    const reply = this.placer.place(request)
    this.leases.arm()
    return reply
  }

  async stopAttempts(attempts: { attemptId: string; reason: string }[]): Promise<void> {
    for (const host of this.hosts.values()) {
      const here = attempts.filter(({ attemptId }) => host.placements.has(attemptId))
      if (here.length > 0) this.stopOn(host, here)
    }
  }

  async startNodes(start: StartNodes): Promise<void> {
    this.gangs.start(start)
    this.leases.arm()
  }

  async stopNodes(attempts: { attemptId: string; reason: string }[]): Promise<void> {
    await this.stopAttempts(this.gangs.release(attempts))
  }

  async describeHosts(): Promise<HostView[]> {
    return [...this.hosts.values()].map((host) => host.view(this.config.leaseMs))
  }

  /** A text message on an agent's socket. */
  received(socket: PeerSocket, text: string): void {
    const parsed = parseAgentMessage(text)
    if (!parsed.ok) return refuse(socket, 'bad-message', parsed.error)
    const { message } = parsed
    if (message.type === 'hello') return this.hello(socket, message)
    const host = this.hosts.get(socket.peer() ?? '')
    // A socket that has been replaced, or a host without memory here, which was asked to say hello.
    if (!host || host.socket !== socket) return
    host.heardAt = this.ports.clock.now()
    if (message.type === 'logs') this.logs.pass(socket, message.id, message.batches)
    else for (const report of message.reports) this.takeReport(host, report)
  }

  /** An agent's socket is gone. */
  closed(socket: PeerSocket): void {
    const host = this.hosts.get(socket.peer() ?? '')
    if (host?.socket !== socket) return
    const lastSignOfLife = host.lastSignOfLife()
    host.socket = undefined
    host.ready = false
    if (host.placements.size === 0) this.forget(host)
    else {
      host.leaseExpiresAt = lastSignOfLife + this.config.leaseMs
      this.ports.sql.transaction(() => this.store.saveHost(host))
      this.leases.arm()
    }
    if (![...this.hosts.values()].some((other) => other.socket)) this.demand.hostsGone()
  }

  /** The alarm: judges the leases. */
  alarm(): void {
    for (const host of this.leases.judge()) this.lose(host)
    this.leases.arm()
  }

  private get config(): EnvironmentConfig {
    if (!this.setup) throw new Error('the compute environment is not configured')
    return this.setup.config
  }

  private hello(socket: PeerSocket, hello: Hello): void {
    const known = this.hosts.get(hello.instanceId)
    if (!isExpected(this.setup?.config, known, hello)) return refuseMissing(socket)
    if (hello.protocol !== agentProtocolVersion)
      return refuse(socket, 'protocol', `this server speaks agent protocol ${agentProtocolVersion}`)
    const now = this.ports.clock.now()
    const host = known ?? new Host(hello.instanceId, hello.offer, now)
    if (host.socket && host.socket !== socket) host.socket.close(4000, 'replaced by a new connection')
    this.hosts.set(host.agentId, host)
    socket.setPeer(host.agentId)
    host.socket = socket
    host.offer = hello.offer
    host.heardAt = now
    host.leaseExpiresAt = undefined
    host.ready = true
    const settled = reconcileHost(host.placements, hello.attempts)
    for (const report of settled.reports) this.takeReport(host, report)
    const absent = settled.absent.map(({ attemptId }) => this.lossOf(host, 'absent', attemptId, now))
    for (const placement of settled.absent)
      if (!this.gangs.holdAgain(placement)) host.placements.delete(placement.attemptId)
    if (host.stored) this.losses.record(absent, () => this.store.saveHost(host))
    this.gangs.releaseOrphans()
    say(socket, welcome(this.config, this.ports.deployment, settled.stop))
    this.leases.arm()
    this.demand.hostsChanged()
  }

  private takeReport(host: Host, report: AttemptReport): void {
    const placement = host.placements.get(report.attemptId)
    const queue = placement?.queue ?? parseAttemptId(report.attemptId, this.ports.deployment.salt)?.queue
    if (queue === undefined) {
      // Of another deployment: nothing here will ever settle it.
      if (host.socket && report.kind === 'ended')
        say(host.socket, { type: 'settled', attemptIds: [report.attemptId] })
      return
    }
    if (placement && report.kind === 'started') placement.startedAt = report.startedAt
    if (placement?.held) placement.held = false
    if (placement && report.kind === 'ended') placement.ended = true
    const { runtime, privateIpv4Address } = host.offer
    const address = privateIpv4Address === undefined ? {} : { privateIpv4Address }
    this.relay.add(queue, { ...report, instanceId: host.instanceId, runtime, ...address })
  }

  /** A queue has answered a batch of reports. */
  private settle(queue: number, batch: HostReport[], reply: ReportReply): void {
    const reports = new Map(batch.map((report) => [report.attemptId, report]))
    const reporter = (attemptId: string) => reports.get(attemptId)?.instanceId
    // A loss that is settled says nothing of a placement made since.
    const ends = reply.settled.filter((attemptId) => reports.get(attemptId)?.kind === 'ended')
    const settled = Map.groupBy(ends, reporter)
    this.placer.settle(reply.settled.filter((attemptId) => reports.get(attemptId)?.kind !== 'absent'))
    const stops = Map.groupBy(reply.stop, ({ attemptId }) => reporter(attemptId))
    for (const host of [...this.hosts.values()]) {
      const attemptIds = settled.get(host.instanceId) ?? []
      for (const attemptId of attemptIds) host.placements.delete(attemptId)
      if (host.socket && attemptIds.length > 0) say(host.socket, { type: 'settled', attemptIds })
      const stop = (stops.get(host.instanceId) ?? []).filter(({ attemptId }) =>
        host.placements.has(attemptId),
      )
      if (stop.length > 0) this.stopOn(host, stop)
      if (!host.socket && host.placements.size === 0) this.forget(host)
      else this.dismissIfDone(host)
    }
    this.gangs.settled(reply.settled.flatMap((attemptId) => reports.get(attemptId) ?? []))
    this.losses.settle(batch)
    this.gangs.releaseOrphans()
    if (reply.settled.length === 0) return
    this.leases.settled()
    this.demand.roomAfterReport(queue)
  }

  private stopOn(host: Host, stops: { attemptId: string; reason: string }[]): void {
    for (const { attemptId, reason } of stops) host.placements.get(attemptId)!.stop = reason
    this.ports.sql.transaction(() => this.store.saveHost(host))
    if (host.socket) adapterFor(this.config.body).stopAttempts(host.socket, stops)
  }

  private lose(host: Host): void {
    const now = this.ports.clock.now()
    host.socket?.close(4001, 'lease expired')
    const losses = [...host.placements.keys()].map((attemptId) =>
      this.lossOf(host, 'host-lost', attemptId, now),
    )
    this.losses.record(losses, () => this.store.deleteHost(host))
    this.hosts.delete(host.agentId)
    this.gangs.releaseOrphans()
  }

  private lossOf(host: Host, kind: Loss['kind'], attemptId: string, at: number): Loss {
    return { kind, attemptId, instanceId: host.instanceId, at }
  }

  /** A deleted environment has no use for a host that has nothing left to finish. */
  private dismissIfDone(host: Host): void {
    if (!this.config.deleted || !host.socket || host.placements.size > 0) return
    refuseMissing(host.socket)
    this.closed(host.socket)
  }

  private forget(host: Host): void {
    this.hosts.delete(host.agentId)
    if (host.stored) this.ports.sql.transaction(() => this.store.deleteHost(host))
  }
}

/** Whether what an environment could hold and takes is as it was. */
function sameCapacity(before: EnvironmentBody, after: EnvironmentBody): boolean {
  return (
    before.state === after.state && before.computeResources?.maxvCpus === after.computeResources?.maxvCpus
  )
}
