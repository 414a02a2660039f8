import { addResources, noResources, type Resources } from '../../core/model/resources.ts'
import { type Demand, shapeOf } from '../../core/scheduling/demand.ts'
import { describeLack, type Lack } from '../../core/scheduling/lack.ts'
import { type Standing, waitCodes } from '../../core/scheduling/pending-reason.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { EnvironmentSetup } from './environment-store.ts'
import type { Hosts } from './hosts.ts'

/** A host not heard of for this part of its lease is given nothing new. */
const staleAfterLeases = 0.3

/** What an environment says of itself, and of work that it has no room for. Changes nothing. */
export class Outlook {
  private readonly clock: Clock
  private readonly hosts: Hosts
  private readonly setup: () => EnvironmentSetup | undefined

  constructor(clock: Clock, hosts: Hosts, setup: () => EnvironmentSetup | undefined) {
    this.clock = clock
    this.hosts = hosts
    this.setup = setup
  }

  standing(): Standing {
    const config = this.setup()?.config
    if (!config || config.deleted || config.body.state === 'DISABLED') return 'disabled'
    return this.hosts.connected > 0 ? 'hosts' : 'no-host'
  }

  /** All that the environment may have; see `OpenedSession`. */
  capacity(): Resources {
    const body = this.setup()?.config.body
    const vcpus = body?.computeResources?.maxvCpus ?? body?.unmanagedvCpus ?? 0
    let offered = noResources
    for (const { socket, offer } of this.hosts.values())
      if (socket) offered = addResources(offered, offer.resources)
    return { ...offered, cpuMilli: Math.max(offered.cpuMilli, vcpus * 1000) }
  }

  /** Says of a connected host whether it has been heard of lately enough to be given something new. */
  freshness(): (agentId: string) => boolean {
    const leaseMs = this.setup()?.config.leaseMs ?? 0
    const freshAfter = this.clock.now() - leaseMs * staleAfterLeases
    return (agentId) => (this.hosts.get(agentId)?.lastSignOfLife() ?? 0) > freshAfter
  }

  /**
   * Why these could never be placed together, if so. `fitsNone`: no known host could hold them, however empty; while none is
   * connected nothing is said to be impossible but what the environment may never have.
   */
  infeasible(demands: readonly Demand[], fitsNone: boolean): string | undefined {
    const connected = this.hosts.connected > 0
    if (connected && !fitsNone) return undefined
    return this.overMaximum(demands) ?? (connected ? this.noHostFits(demands) : undefined)
  }

  private overMaximum(demands: readonly Demand[]): string | undefined {
    const most = this.setup()?.config.body.computeResources?.maxvCpus
    const vcpus = demands.reduce((sum, { resources }) => sum + resources.cpuMilli, 0) / 1000
    if (most === undefined || vcpus <= most) return undefined
    return `${waitCodes.overMaximum} - The job wants ${vcpus} vCPU, the compute environment has ${most} at most`
  }

  private noHostFits(demands: readonly Demand[]): string {
    const lacks = this.hosts.occupancy.pool.lacksWhenEmpty(demands)
    return lacks.length > 0
      ? `${waitCodes.noHostFits} - No connected host can hold this job: ${lacks.map(describeLack).join('; ')}`
      : `${waitCodes.noHostFits} - The connected hosts together cannot hold the ${demands.length} nodes of this job at once`
  }

  /** What the host that comes closest lacks for the first of these that has room nowhere; one function for one request. */
  shortages(): (demands: readonly Demand[]) => Lack[] {
    const { pool } = this.hosts.occupancy
    const known = new Map<string, Lack[]>()
    const short = (demand: Demand) => {
      const { key } = shapeOf(demand)
      const lacks = known.get(key) ?? pool.nearest(demand, 1)[0]?.lacks ?? []
      known.set(key, lacks)
      return lacks
    }
    return (demands) => demands.map(short).find(({ length }) => length > 0) ?? []
  }
}
