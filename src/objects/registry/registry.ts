import type { Clock, Scheduler } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import { Outbox } from '../../runtime/outbox.ts'
import type { Random } from '../../runtime/random.ts'
import type { Sql } from '../../runtime/sql.ts'
import { type Alarm, Timers } from '../../runtime/timers.ts'
import type { EnvironmentRpc } from '../environment/environment-rpc.ts'
import type { QueueRpc } from '../queue/queue-rpc.ts'
import type { Catalogue } from './catalogue.ts'
import { DefinitionCatalogue } from './definition-catalogue.ts'
import { EnvironmentCatalogue } from './environment-catalogue.ts'
import { PolicyCatalogue } from './policy-catalogue.ts'
import { QueueCatalogue } from './queue-catalogue.ts'
import { registryMigrations } from './registry-schema.ts'
import { type ObjectKind, RegistryStore } from './registry-store.ts'
import { ResourceTags } from './resource-tags.ts'

/** Everything the registry needs from outside. */
export type RegistryPorts = {
  sql: Sql
  clock: Clock
  scheduler: Scheduler
  alarm: Alarm
  random: Random
  queue(number: number): Pick<QueueRpc, 'configure'>
  environment(number: number): Pick<EnvironmentRpc, 'configure'>
}

/**
 * The catalogue of a deployment: what exists, under which number, with which configuration. Changes are done when they
 * are acknowledged; the objects concerned are told before that if they can be, and otherwise until they are.
 */
export class Registry {
  readonly environments: EnvironmentCatalogue
  readonly queues: QueueCatalogue
  readonly policies: PolicyCatalogue
  readonly definitions: DefinitionCatalogue
  readonly tags: ResourceTags
  private readonly ports: RegistryPorts
  private readonly store: RegistryStore
  private readonly timers: Timers
  private readonly outbox: Outbox
  /** Whether the change being made concerns an object. */
  private announced = false

  constructor(ports: RegistryPorts) {
    this.ports = ports
    migrate(ports.sql, registryMigrations)
    this.store = new RegistryStore(ports.sql)
    this.timers = new Timers(ports.sql, ports.alarm)
    this.outbox = new Outbox(ports.sql, ports.clock, this.timers)
    const catalogue = this.catalogue()
    this.environments = new EnvironmentCatalogue(catalogue)
    this.queues = new QueueCatalogue(catalogue)
    this.policies = new PolicyCatalogue(catalogue)
    this.definitions = new DefinitionCatalogue(catalogue)
    this.tags = new ResourceTags(catalogue)
  }

  /** After a start anew; `armed`: what the alarm is set to. */
  resume(armed: number | null): void {
    this.timers.resume(armed)
    if (this.outbox.undelivered() > 0) this.ports.scheduler.later(0, () => this.deliver())
  }

  /** The alarm: the outbox is the only thing here that waits. */
  alarm(): void {
    this.timers.due(this.ports.clock.now())
    this.ports.scheduler.later(0, () => this.deliver())
  }

  private catalogue(): Catalogue {
    const { ports, store } = this
    return {
      store,
      now: () => ports.clock.now(),
      uuid: () => ports.random.uuid(),
      change: async (work) => {
        this.announced = false
        const outcome = ports.sql.transaction(work)
        if (this.announced) await this.deliver()
        return outcome
      },
      announce: (kind, number) => {
        this.announced = true
        const config = store.byNumber(kind, number)
        if (config) store.save(kind, { ...config, version: (config.version ?? 0) + 1 })
        this.outbox.add(`${kind}/${number}`, '')
      },
    }
  }

  /** Tells objects their present configurations; a message only says whose has changed. */
  private async deliver(): Promise<void> {
    await this.outbox.drain(async (destination) => {
      const [kind, number] = destination.split('/')
      await this.tell(kind as ObjectKind, Number(number))
    })
  }

  private async tell(kind: ObjectKind, number: number): Promise<void> {
    if (kind === 'queue') {
      const config = this.queues.config(number)
      if (!config) return
      await this.ports.queue(number).configure(config)
      if (config.deleted) this.store.deletionTold(kind, number)
    } else {
      const setup = this.environments.setup(number)
      if (!setup) return
      await this.ports.environment(number).configure(setup.config, setup.queues)
      if (setup.config.deleted) this.store.deletionTold(kind, number)
    }
  }
}
