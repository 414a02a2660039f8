import { judgeLease } from '../../core/lifecycle/host-lease.ts'
import { Timers } from '../../runtime/timers.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { EnvironmentStore } from './environment-store.ts'
import type { Host } from './host.ts'
import type { Hosts } from './hosts.ts'

const leaseTimer = 'lease'
/** With nothing placed for so long, what is stored of hosts is cleared away. */
const restAfterMs = 1_000

/**
 * The leases of an environment's hosts: one alarm, at the earliest end of a host that holds something. While nothing is
 * placed there is neither an alarm nor a row.
 */
export class Leases {
  private readonly ports: Pick<EnvironmentPorts, 'sql' | 'clock' | 'scheduler'>
  private readonly store: EnvironmentStore
  private readonly hosts: Hosts
  private readonly leaseMs: () => number
  private readonly timers: Timers
  /** Since when this life of the environment has been watching. */
  readonly upSince: number
  private resting = false

  constructor(
    ports: Pick<EnvironmentPorts, 'sql' | 'clock' | 'scheduler' | 'alarm'>,
    store: EnvironmentStore,
    hosts: Hosts,
    leaseMs: () => number,
  ) {
    this.ports = ports
    this.store = store
    this.hosts = hosts
    this.leaseMs = leaseMs
    this.timers = new Timers(ports.sql, ports.alarm)
    this.upSince = ports.clock.now()
  }

  /** After a start anew; `armed`: what the alarm is set to. */
  resume(armed: number | null): void {
    this.timers.resume(armed)
    this.arm()
  }

  /** Sees to it that the alarm rings when the next lease ends. */
  arm(): void {
    const ends = this.holding().map((host) => host.leaseEnd(this.leaseMs()))
    if (ends.length === 0) return
    const earliest = Math.min(...ends)
    const planned = this.timers.at(leaseTimer)
    if (planned === undefined || earliest < planned) this.timers.setVolatile(leaseTimer, earliest)
  }

  /** The alarm has rung: renews leases that ran out while nobody was there, and returns the hosts that are lost. */
  judge(): Host[] {
    const now = this.ports.clock.now()
    this.timers.due(now)
    const lost: Host[] = []
    for (const host of this.holding()) {
      const judged = judgeLease(host.leaseEnd(this.leaseMs()), this.leaseMs(), now, this.upSince)
      if (judged.kind === 'lost') lost.push(host)
      if (judged.kind !== 'renewed') continue
      host.leaseExpiresAt = judged.expiresAt
      this.ports.sql.transaction(() => this.store.saveHost(host))
    }
    return lost
  }

  /** Attempts have been settled, perhaps the last ones. A pause between two jobs is not worth writing for. */
  settled(): void {
    if (this.resting || this.holding().length > 0) return
    this.resting = true
    this.ports.scheduler.later(restAfterMs, () => this.rest())
  }

  private rest(): void {
    this.resting = false
    if (this.holding().length > 0) return
    this.ports.sql.transaction(() => {
      for (const host of this.hosts.values()) this.store.deleteHost(host)
      this.timers.cancel(leaseTimer)
    })
  }

  private holding(): Host[] {
    return [...this.hosts.values()].filter(({ placements }) => placements.size > 0)
  }
}
