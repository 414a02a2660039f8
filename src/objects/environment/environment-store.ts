import type { EnvironmentConfig, HostOffer } from '../../core/model/environment.ts'
import { resourcesOf, wholeCard } from '../../core/model/resources.ts'
import { loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { AttachedQueue } from './environment-rpc.ts'
import { Host, type Placement } from './host.ts'

export type EnvironmentSetup = { config: EnvironmentConfig; queues: AttachedQueue[] }
export type Loss = {
  kind: 'absent' | 'host-lost'
  attemptId: string
  instanceId: string
  at: number
  /** It had been told to make room, and why. */
  preempted?: string
}

type PackedPlacement = [
  attemptId: string,
  queue: number,
  cpuMilli: number,
  memoryMiB: number,
  /** With a fraction where only part of a card is taken. */
  gpus: number,
  placedAt: number,
  startedAt: number | null,
  stop: string | null,
  /** A node of a multi-node parallel job. */
  main?: string | null,
  held?: 0 | 1,
  diskMiB?: number,
  boundMs?: number | null,
  cards?: number[],
  preempted?: string,
]

/** All SQL of an environment. Methods that write belong into the owner's transaction. */
export class EnvironmentStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  loadSetup(): EnvironmentSetup | undefined {
    return loadSetting(this.sql, 'setup')
  }

  saveSetup(setup: EnvironmentSetup): void {
    saveSetting(this.sql, 'setup', setup)
  }

  loadHosts(now: number): Host[] {
    return this.sql
      .all<{ agent_id: string; offer: string; placements: string; lease_expires_at: number | null }>(
        'SELECT agent_id, offer, placements, lease_expires_at FROM host',
      )
      .map((row) => {
        const offer = JSON.parse(row.offer) as HostOffer
        const host = new Host(row.agent_id, { ...offer, resources: resourcesOf(offer.resources) }, now)
        for (const packed of JSON.parse(row.placements) as PackedPlacement[]) {
          const placement = unpackPlacement(packed)
          host.placements.set(placement.attemptId, placement)
        }
        host.leaseExpiresAt = row.lease_expires_at ?? undefined
        host.stored = true
        return host
      })
  }

  saveHost(host: Host): void {
    const placements = [...host.placements.values()].map(packPlacement)
    this.sql.run(
      `INSERT INTO host (agent_id, offer, placements, lease_expires_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (agent_id) DO UPDATE SET offer = excluded.offer, placements = excluded.placements,
         lease_expires_at = excluded.lease_expires_at`,
      host.agentId,
      JSON.stringify(host.offer),
      JSON.stringify(placements),
      host.leaseExpiresAt ?? null,
    )
    host.stored = true
  }

  deleteHost(host: Host): void {
    if (host.stored) this.sql.run('DELETE FROM host WHERE agent_id = ?', host.agentId)
    host.stored = false
  }

  loadLosses(): Loss[] {
    return this.sql
      .all<Loss & { preempted: string | null }>(
        'SELECT kind, attempt_id AS attemptId, instance_id AS instanceId, at, preempted FROM loss',
      )
      .map(({ preempted, ...loss }) => (preempted === null ? loss : { ...loss, preempted }))
  }

  addLoss(loss: Loss): void {
    this.sql.run(
      'INSERT OR REPLACE INTO loss (attempt_id, kind, instance_id, at, preempted) VALUES (?, ?, ?, ?, ?)',
      loss.attemptId,
      loss.kind,
      loss.instanceId,
      loss.at,
      loss.preempted ?? null,
    )
  }

  deleteLoss(attemptId: string): void {
    this.sql.run('DELETE FROM loss WHERE attempt_id = ?', attemptId)
  }
}

function packPlacement(placement: Placement): PackedPlacement {
  const {
    attemptId,
    queue,
    resources,
    placedAt,
    startedAt,
    stop,
    main,
    held,
    boundMs,
    cards = [],
    preempted,
  } = placement
  const { cpuMilli, memoryMiB, gpuMilli, diskMiB } = resources
  const packed: PackedPlacement = [
    ...([attemptId, queue, cpuMilli, memoryMiB, gpuMilli / wholeCard, placedAt] as const),
    ...([startedAt ?? null, stop ?? null, main ?? null, held ? 1 : 0, diskMiB, boundMs ?? null] as const),
  ]
  if (cards.length > 0 || preempted !== undefined) packed.push(cards)
  if (preempted !== undefined) packed.push(preempted)
  return packed
}

function unpackPlacement(packed: PackedPlacement): Placement {
  const [attemptId, queue, cpuMilli, memoryMiB, gpus, placedAt, startedAt, stop, ...more] = packed
  const [main, held, diskMiB, boundMs, cards, preempted] = more
  return {
    attemptId,
    queue,
    resources: { cpuMilli, memoryMiB, gpuMilli: Math.round(gpus * wholeCard), diskMiB: diskMiB ?? 0 },
    placedAt,
    ...(startedAt !== null ? { startedAt } : {}),
    ...(stop !== null ? { stop } : {}),
    ...(main ? { main, held: held === 1 } : {}),
    ...(typeof boundMs === 'number' ? { boundMs } : {}),
    ...(cards ? { cards } : {}),
    ...(preempted === undefined ? {} : { preempted }),
  }
}
