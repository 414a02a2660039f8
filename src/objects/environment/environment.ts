import { say } from '../../../adapters/registry.ts'
import type { EnvironmentBody, EnvironmentConfig, HostView } from '../../core/model/environment.ts'
import { Claims } from '../../core/scheduling/claims.ts'
import type { PresentEnvironment } from '../../core/simulation/present-state.ts'
import { nextTurn } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import { Agents } from './agents.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type {
  AttachedQueue,
  EnvironmentRpc,
  OpenedSession,
  PlacementQuestion,
  PlacementView,
  PlaceReply,
  PlaceRequest,
  StartNodes,
} from './environment-rpc.ts'
import { environmentMigrations } from './environment-schema.ts'
import { type EnvironmentSetup, EnvironmentStore } from './environment-store.ts'
import { Gangs } from './gangs.ts'
import { Hosts } from './hosts.ts'
import { Leases } from './leases.ts'
import { Losses } from './losses.ts'
import { Outlook } from './outlook.ts'
import { Placer } from './placer.ts'
import { Preemption } from './preemption.ts'
import { presentEnvironment } from './present-environment.ts'
import { ReportRelay } from './report-relay.ts'
import { Turns } from './turns.ts'

/** One compute environment: its hosts, what is placed on them, and the conversation with their agents. */
export class Environment implements EnvironmentRpc {
  private readonly ports: EnvironmentPorts
  private readonly store: EnvironmentStore
  private readonly hosts = new Hosts()
  private readonly claims = new Claims(this.hosts.occupancy)
  private readonly leases: Leases
  private readonly losses: Losses
  private readonly gangs: Gangs
  private readonly turns: Turns
  private readonly outlook: Outlook
  private readonly placer: Placer
  private readonly agents: Agents
  private configuration: EnvironmentSetup | undefined

  constructor(ports: EnvironmentPorts) {
    this.ports = ports
    migrate(ports.sql, environmentMigrations)
    this.store = new EnvironmentStore(ports.sql)
    this.leases = new Leases(ports, this.store, this.hosts, () => this.config.leaseMs)
    this.configuration = this.store.loadSetup()
    this.turns = new Turns(
      ports.scheduler,
      () => this.hosts.occupancy.growth,
      (queue, changed) => ports.queue(queue).wake(this.config.number, changed),
    )
    this.turns.attach(this.configuration?.queues ?? [])
    const relay = new ReportRelay(
      ports.scheduler,
      (queue, reports) => ports.queue(queue).report(this.config.number, reports),
      (queue, batch, reply) => this.agents.settle(queue, batch, reply),
    )
    for (const host of this.store.loadHosts(this.leases.upSince)) this.hosts.add(host)
    const setup = () => this.configuration
    this.losses = new Losses(ports, this.store, relay)
    this.gangs = new Gangs(ports, this.store, this.hosts, this.losses, setup)
    const { hosts, store, leases, losses, gangs, claims, turns } = this
    this.outlook = new Outlook(ports.clock, hosts, setup)
    const { outlook } = this
    const preemption = new Preemption({ ports, hosts, turns, setup })
    this.placer = new Placer({ ports, store, hosts, claims, turns, losses, preemption, outlook, setup })
    this.agents = new Agents({
      ports,
      store,
      hosts,
      leases,
      losses,
      gangs,
      turns,
      relay,
      placer: this.placer,
      setup,
    })
  }

  /**
   * After a start anew: takes up the sockets that slept with the object, gives every host that has none a full lease,
   * and goes on telling queues of lost attempts. `armed`: what the alarm is set to.
   */
  resume(sockets: PeerSocket[], armed: number | null): void {
    for (const socket of sockets) {
      const host = this.hosts.get(socket.peer() ?? '')
      if (host) {
        this.hosts.setSocket(host, socket)
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
    const before = this.configuration?.config
    if (before && (config.version ?? 0) < (before.version ?? 0)) return
    const setup = { config, queues }
    this.ports.sql.transaction(() => this.store.saveSetup(setup))
    this.configuration = setup
    this.turns.attach(queues)
    this.claims.attach(queues)
    const changed = before && !sameCapacity(before.body, config.body)
    if (this.hosts.size > 0 || changed) this.turns.hostsChanged()
    for (const host of [...this.hosts.values()]) this.agents.dismissIfDone(host)
  }

  /** Asks the Registry once where this object has no configuration: a delivery may have been lost. */
  async ensureConfigured(): Promise<void> {
    if (this.configuration) return
    const setup = await this.ports.registry.environmentSetup(this.ports.number)
    if (setup && !this.configuration) await this.configure(setup.config, setup.queues)
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

  async explainPlacement(question: PlacementQuestion): Promise<PlacementView> {
    return this.placer.explain(question)
  }

  async present(): Promise<PresentEnvironment> {
    await this.ensureConfigured()
    const setup = { config: this.config, queues: this.configuration?.queues ?? [] }
    return presentEnvironment(setup, this.hosts, this.outlook, () => nextTurn(this.ports.scheduler))
  }

  async stopAttempts(attempts: { attemptId: string; reason: string }[]): Promise<void> {
    const placed = attempts.filter(({ attemptId }) => this.hosts.holder(attemptId))
    for (const [host, here] of Map.groupBy(placed, ({ attemptId }) => this.hosts.holder(attemptId)!))
      this.agents.stop(host, here)
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
    this.agents.received(socket, text)
  }

  /** An agent's socket is gone. */
  closed(socket: PeerSocket): void {
    this.agents.closed(socket)
  }

  /** The alarm: judges the leases. Of many lost hosts the first are seen to; it rings again at once for the others. */
  alarm(): void {
    this.agents.lose(this.leases.judge())
    this.leases.arm()
  }

  private get config(): EnvironmentConfig {
    if (!this.configuration) throw new Error('the compute environment is not configured')
    return this.configuration.config
  }
}

/** Whether what an environment could hold and takes is as it was. */
function sameCapacity(before: EnvironmentBody, after: EnvironmentBody): boolean {
  return (
    before.state === after.state && before.computeResources?.maxvCpus === after.computeResources?.maxvCpus
  )
}
