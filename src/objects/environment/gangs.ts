import { adapterFor } from '../../../adapters/registry.ts'
import { present } from '../../core/assert.ts'
import type { HostReport } from '../../core/model/attempt.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { StartNodes } from './environment-rpc.ts'
import type { EnvironmentSetup, EnvironmentStore, Loss } from './environment-store.ts'
import type { Host, Placement } from './host.ts'
import type { Hosts } from './hosts.ts'
import type { Losses } from './losses.ts'

/** Stands for the host of a node that is placed nowhere. */
const nowhere = 'unknown'

/**
 * The nodes of multi-node parallel jobs that wait for their main node. They were placed with it in one transaction, hold
 * their room, and live only as long as its placement: whatever ends that releases them.
 */
export class Gangs {
  private readonly ports: EnvironmentPorts
  private readonly store: EnvironmentStore
  private readonly hosts: Hosts
  private readonly losses: Losses
  private readonly setup: () => EnvironmentSetup | undefined

  constructor(
    ports: EnvironmentPorts,
    store: EnvironmentStore,
    hosts: Hosts,
    losses: Losses,
    setup: () => EnvironmentSetup | undefined,
  ) {
    this.ports = ports
    this.store = store
    this.hosts = hosts
    this.losses = losses
    this.setup = setup
  }

  /** Commits that the nodes are held no longer, then tells their hosts. A host that is away hears of it when it is back. */
  start(start: StartNodes): void {
    const mainHost = this.hosts.holder(start.main)
    if (!mainHost || mainHost.placements.get(start.main)!.preempted !== undefined) return
    const started = new Map<Host, StartNodes['nodes']>()
    const lost: Loss[] = []
    for (const node of start.nodes) {
      const host = this.hosts.holder(node.attemptId)
      if (!host) lost.push(this.loss('host-lost', node.attemptId, nowhere))
      else if (host.placements.get(node.attemptId)!.held)
        started.set(host, [...(started.get(host) ?? []), addressed(node, mainHost, host)])
    }
    this.commitStart(started, lost)
    const adapter = adapterFor(present(this.setup(), 'configuration').config.body)
    for (const [host, nodes] of started)
      if (host.socket && host.ready) adapter.startAttempts(host.socket, start.specs, nodes)
  }

  /** Of these attempts, releases those that are held and reports those that are placed nowhere; returns the others. */
  release<Stop extends { attemptId: string }>(stops: Stop[]): Stop[] {
    const held = new Map<Host, Placement[]>()
    const losses: Loss[] = []
    const others: Stop[] = []
    for (const stop of stops) {
      const host = this.hosts.holder(stop.attemptId)
      const placement = host?.placements.get(stop.attemptId)
      if (!host || !placement) losses.push(this.loss('absent', stop.attemptId, nowhere))
      else if (placement.held) held.set(host, [...(held.get(host) ?? []), placement])
      else others.push(stop)
    }
    this.drop(held, losses)
    return others
  }

  /** Releases the nodes whose main node is placed nowhere any more. */
  releaseOrphans(): void {
    const orphans = new Map<Host, Placement[]>()
    for (const { host, placement } of this.hosts.nodePlacements())
      if (placement.held && !this.hosts.holder(placement.main!))
        orphans.set(host, [...(orphans.get(host) ?? []), placement])
    this.drop(orphans, [])
  }

  /** Nodes that a host has not heard of are held again, until the queue has them started once more. */
  holdAgain(placement: Placement): boolean {
    if (placement.main === undefined || placement.startedAt !== undefined) return false
    placement.held = true
    return true
  }

  /** A queue has recorded these reports: nodes held again in case it had not known of their end are released. */
  settled(reports: HostReport[]): void {
    const changed = new Set<Host>()
    for (const report of reports) {
      if (report.kind !== 'absent' || !this.losses.stands(report)) continue
      const host = this.hosts.holder(report.attemptId)
      if (!host?.placements.get(report.attemptId)?.held) continue
      this.hosts.drop(report.attemptId)
      changed.add(host)
    }
    if (changed.size === 0) return
    this.ports.sql.transaction(() => {
      for (const host of changed) this.store.saveHost(host)
    })
  }

  private commitStart(started: Map<Host, StartNodes['nodes']>, lost: Loss[]): void {
    if (started.size + lost.length === 0) return
    const hold = (held: boolean) => {
      for (const [host, nodes] of started)
        for (const { attemptId } of nodes) host.placements.get(attemptId)!.held = held
    }
    hold(false)
    try {
      this.losses.record(lost, () => {
        for (const [host, nodes] of started) {
          for (const { attemptId } of nodes) this.losses.withdraw(attemptId)
          this.store.saveHost(host)
        }
      })
    } catch (error) {
      hold(true)
      throw error
    }
  }

  private drop(held: Map<Host, Placement[]>, losses: Loss[]): void {
    for (const [host, placements] of held)
      for (const { attemptId, preempted } of placements) {
        const loss = this.loss('absent', attemptId, host.instanceId)
        losses.push(preempted === undefined ? loss : { ...loss, preempted })
      }
    if (losses.length === 0) return
    for (const { attemptId } of [...held.values()].flat()) this.hosts.drop(attemptId)
    try {
      this.losses.record(losses, () => {
        for (const host of held.keys()) this.store.saveHost(host)
      })
    } catch (error) {
      for (const [host, placements] of held)
        for (const placement of placements) this.hosts.restore(host, placement)
      throw error
    }
  }

  private loss(kind: Loss['kind'], attemptId: string, instanceId: string): Loss {
    return { kind, attemptId, instanceId, at: this.ports.clock.now() }
  }
}

/** A node finds the main one by its host's address; where that offers none, by its name, or on the same host at home. */
/** With the main node's address and the cards it was placed on. */
function addressed(node: StartNodes['nodes'][number], main: Host, host: Host): StartNodes['nodes'][number] {
  const { cards = [] } = host.placements.get(node.attemptId)!
  const { privateIpv4Address, hostname } = main.offer
  const address = privateIpv4Address ?? (main === host ? '127.0.0.1' : hostname)
  return {
    ...node,
    ...(cards.length > 0 ? { cards } : {}),
    environment: { ...node.environment, AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS: address },
  }
}
