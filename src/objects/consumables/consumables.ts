import { decideTags } from '../../core/decisions/change-tags.ts'
import { decideUpdateConsumable, putBack } from '../../core/decisions/update-consumable.ts'
import { limits } from '../../core/limits.ts'
import { availableQuantity, type ConsumableResource } from '../../core/model/consumable.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TagChange } from '../../core/model/tags.ts'
import { grantConsumables } from '../../core/scheduling/grant-consumables.ts'
import type { Clock, Scheduler } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import { Outbox } from '../../runtime/outbox.ts'
import type { Random } from '../../runtime/random.ts'
import type { Sql } from '../../runtime/sql.ts'
import { type Alarm, Timers } from '../../runtime/timers.ts'
import type { QueueRpc } from '../queue/queue-rpc.ts'
import type {
  AcquireReply,
  AcquireRequest,
  ConsumablesRpc,
  CreateConsumable,
  FreedConsumable,
  ListConsumables,
  ReleaseRequest,
  UpdateConsumable,
} from './consumables-rpc.ts'
import { consumablesMigrations } from './consumables-schema.ts'
import { ConsumablesStore } from './consumables-store.ts'

/** Everything the consumable resources need from outside. */
export type ConsumablesPorts = {
  sql: Sql
  clock: Clock
  scheduler: Scheduler
  alarm: Alarm
  random: Random
  queue(number: number): Pick<QueueRpc, 'consumablesFreed'>
}

/**
 * The consumable resources of a deployment and who holds how much of them. An attempt holds what it needs from before
 * it is placed until its queue says that it is over; a session keeps out what a queue said in an earlier life.
 */
export class Consumables implements ConsumablesRpc {
  private readonly ports: ConsumablesPorts
  private readonly store: ConsumablesStore
  private readonly timers: Timers
  private readonly outbox: Outbox
  private readonly sessions = new Map<number, string>()
  /** Messages have been added that nobody has begun to send. */
  private told = false

  constructor(ports: ConsumablesPorts) {
    this.ports = ports
    migrate(ports.sql, consumablesMigrations)
    this.store = new ConsumablesStore(ports.sql)
    this.timers = new Timers(ports.sql, ports.alarm)
    this.outbox = new Outbox(ports.sql, ports.clock, this.timers)
  }

  /** After a start anew; `armed`: what the alarm is set to. */
  resume(armed: number | null): void {
    this.timers.resume(armed)
    if (this.outbox.undelivered() > 0) this.drain()
  }

  async createResource({ name, type, total, tags }: CreateConsumable): Promise<Outcome<{ name: string }>> {
    return this.commit(() => {
      if (this.store.resource(name)) return refused('Object already exists')
      if (this.store.count() >= limits.consumableResources)
        return refused(`At most ${limits.consumableResources} consumable resources are allowed`)
      const resource = { name, type, total, inUse: 0, createdAt: this.ports.clock.now(), tags }
      this.store.insert(resource)
      this.tellWaiting(resource)
      return accepted({ name })
    })
  }

  async updateResource(update: UpdateConsumable): Promise<Outcome<{ name: string; total: number }>> {
    const { name, operation, quantity, clientToken } = update
    const request = clientToken && JSON.stringify([clientToken, name, operation, quantity])
    return this.commit(() => {
      const resource = this.store.resource(name)
      if (!resource) return missing(name)
      const now = this.ports.clock.now()
      const oldest = now - limits.clientTokenMs
      const answered = request ? this.store.tokenAnswer(request, oldest) : undefined
      if (answered !== undefined) return accepted({ name, total: answered })
      const total = decideUpdateConsumable(resource, operation, quantity)
      if (!total.ok) return total
      const after = { ...resource, total: total.value }
      this.store.update(after)
      if (request) this.store.saveToken(request, now, after.total, oldest)
      // Who waits in line for more than there is now holds up nobody any more.
      if (after.total < resource.total) this.tellWaiting(after, Number.MAX_SAFE_INTEGER)
      else this.tellWaiting(after)
      return accepted({ name, total: after.total })
    })
  }

  async deleteResource(name: string): Promise<Outcome<object>> {
    return this.commit(() => {
      if (!this.store.resource(name)) return missing(name)
      this.store.delete(name)
      return accepted({})
    })
  }

  async describeResource(name: string): Promise<Outcome<ConsumableResource>> {
    const resource = this.store.resource(name)
    return resource ? accepted(resource) : missing(name)
  }

  async listResources(query: ListConsumables): Promise<{ items: ConsumableResource[]; more: boolean }> {
    const found = this.store.list(query)
    return { items: found.slice(0, query.maxResults), more: found.length > query.maxResults }
  }

  async changeTags(name: string, change: TagChange): Promise<Outcome<object>> {
    return this.commit(() => {
      const resource = this.store.resource(name)
      if (!resource) return missing(name)
      const tags = decideTags(resource.tags, change)
      if (!tags.ok) return tags
      this.store.update({ ...resource, tags: tags.value })
      return accepted({})
    })
  }

  async unknownResources(names: string[]): Promise<string[]> {
    return names.filter((name) => !this.store.resource(name))
  }

  async openSession(queue: number): Promise<{ session: string; holders: string[] }> {
    const session = this.ports.random.uuid()
    this.sessions.set(queue, session)
    return { session, holders: this.store.holders(queue) }
  }

  async acquire({ queue, session, asks }: AcquireRequest): Promise<AcquireReply> {
    if (this.sessions.get(queue) !== session) return { ok: false, reason: 'stale-session' }
    return this.commit(() => {
      const resources = this.load(asks.flatMap(({ needs }) => needs.map(({ resource }) => resource)))
      const { taken, refused } = grantConsumables(
        resources,
        asks.map(({ holder, needs }) => {
          const held = this.store.holdings(queue, holder)
          return { holder, needs, held: new Map(held.map(({ resource, quantity }) => [resource, quantity])) }
        }),
      )
      for (const holding of taken) {
        this.store.insertHolding(queue, holding)
        resources.get(holding.resource)!.inUse += holding.quantity
      }
      for (const name of new Set(taken.map(({ resource }) => resource)))
        this.store.update(resources.get(name)!)
      for (const { resource, wanted } of refused) this.store.addWaiting(resource, queue, wanted)
      return { ok: true, refused }
    })
  }

  async release({ queue, session, holders }: ReleaseRequest): Promise<boolean> {
    if (this.sessions.get(queue) !== session) return false
    return this.commit(() => {
      const touched = new Map<string, ConsumableResource>()
      for (const { holder, used } of holders) {
        const holdings = this.store.holdings(queue, holder)
        if (holdings.length > 0) this.store.deleteHoldings(queue, holder)
        for (const { resource: name, quantity } of holdings) {
          const resource = touched.get(name) ?? this.store.resource(name)
          if (resource) touched.set(name, { ...resource, ...putBack(resource, quantity, used) })
        }
      }
      for (const resource of touched.values()) {
        this.store.update(resource)
        this.tellWaiting(resource)
      }
      return true
    })
  }

  /** The alarm: the outbox is the only thing here that waits. */
  alarm(): void {
    this.timers.due(this.ports.clock.now())
    this.drain()
  }

  private load(names: string[]): Map<string, ConsumableResource> {
    const found = [...new Set(names)].map((name) => this.store.resource(name))
    return new Map(found.flatMap((resource) => (resource ? [[resource.name, resource]] : [])))
  }

  /** Part of the transaction that changes how much there is of a resource: tells who waits for so much of it, or less. */
  private tellWaiting(resource: ConsumableResource, most = availableQuantity(resource)): void {
    for (const queue of this.store.takeWaiting(resource.name, most)) {
      this.outbox.add(`queue/${queue}`, resource.name)
      this.told = true
    }
  }

  private commit<Result>(work: () => Result): Result {
    try {
      const result = this.ports.sql.transaction(work)
      if (this.told) this.drain()
      return result
    } catch (error) {
      this.timers.arm()
      throw error
    } finally {
      this.told = false
    }
  }

  /** A message only names a resource: how much of it is free is read when it is sent. */
  private drain(): void {
    this.ports.scheduler.later(0, () =>
      this.outbox.drain(async (destination, names) => {
        const freed: FreedConsumable[] = []
        for (const name of new Set(names)) {
          const resource = this.store.resource(name)
          freed.push({ name, free: resource ? availableQuantity(resource) : 0 })
        }
        await this.ports.queue(Number(destination.split('/')[1])).consumablesFreed(freed)
      }),
    )
  }
}

function missing(name: string) {
  return refused(`Consumable resource ${name} does not exist`)
}
