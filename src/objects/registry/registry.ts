import { limits } from '../../core/limits.ts'
import type { EnvironmentBody, EnvironmentConfig } from '../../core/model/environment.ts'
import type { JobDefinition, JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { Clock, Scheduler } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import { Outbox } from '../../runtime/outbox.ts'
import type { Random } from '../../runtime/random.ts'
import type { Sql } from '../../runtime/sql.ts'
import { type Alarm, Timers } from '../../runtime/timers.ts'
import type { AttachedQueue, EnvironmentRpc } from '../environment/environment-rpc.ts'
import type { QueueRpc } from '../queue/queue-rpc.ts'
import type { CreateQueue, Page, PageQuery, RegistryRpc } from './registry-rpc.ts'
import { registryMigrations } from './registry-schema.ts'
import { RegistryStore } from './registry-store.ts'

const defaultLeaseMs = 10 * 60_000
/** Member of an environment's `context` (JSON text) that sets its lease, seconds. Ours; AWS leaves `context` free. */
const leaseMember = 'longshore.leaseSeconds'

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

/** The catalogue of a deployment: what exists, under which number, with which configuration. */
export class Registry implements RegistryRpc {
  private readonly ports: RegistryPorts
  private readonly store: RegistryStore
  private readonly timers: Timers
  private readonly outbox: Outbox

  constructor(ports: RegistryPorts) {
    this.ports = ports
    migrate(ports.sql, registryMigrations)
    this.store = new RegistryStore(ports.sql)
    this.timers = new Timers(ports.sql, ports.alarm)
    this.outbox = new Outbox(ports.sql, ports.clock, this.timers)
  }

  /** After a start anew; `armed`: what the alarm is set to. */
  resume(armed: number | null): void {
    this.timers.resume(armed)
    if (this.outbox.undelivered() > 0) this.ports.scheduler.later(0, () => this.deliver())
  }

  async createEnvironment(name: string, body: EnvironmentBody): Promise<Outcome<{ name: string }>> {
    const leaseMs = leaseOf(body)
    if (leaseMs === undefined)
      return refused(`context: ${leaseMember} must be a number of seconds from 2 to 86400`)
    const outcome = this.ports.sql.transaction(() => {
      if (this.store.byName('environment', name)) return refused('Object already exists')
      if (this.store.count('environment') >= limits.environments)
        return refused(`At most ${limits.environments} compute environments are allowed`)
      const { number } = this.store.insert('environment', {
        name,
        uuid: this.ports.random.uuid(),
        createdAt: this.ports.clock.now(),
        body,
        leaseMs,
      })
      this.outbox.add(`environment/${number}`, '')
      return accepted({ name })
    })
    await this.deliver()
    return outcome
  }

  async describeEnvironments(names: string[], page: PageQuery): Promise<Outcome<Page<EnvironmentConfig>>> {
    return this.describe('environment', names, page)
  }

  async createQueue(create: CreateQueue): Promise<Outcome<{ name: string }>> {
    const outcome = this.ports.sql.transaction(() => {
      if (this.store.byName('queue', create.name)) return refused('Object already exists')
      if (this.store.count('queue') >= limits.queues)
        return refused(`At most ${limits.queues} job queues are allowed`)
      const environments: { number: number; name: string }[] = []
      for (const name of create.environments) {
        const environment = this.store.byName('environment', name)
        if (!environment)
          return refused(`computeEnvironmentOrder: compute environment ${name} does not exist`)
        environments.push({ number: environment.number, name })
      }
      const config = this.store.insert('queue', {
        ...create,
        environments,
        uuid: this.ports.random.uuid(),
        createdAt: this.ports.clock.now(),
      })
      this.outbox.add(`queue/${config.number}`, '')
      for (const { number } of environments) this.outbox.add(`environment/${number}`, '')
      return accepted({ name: create.name })
    })
    await this.deliver()
    return outcome
  }

  async describeQueues(names: string[], page: PageQuery): Promise<Outcome<Page<QueueConfig>>> {
    return this.describe('queue', names, page)
  }

  async registerDefinition(
    name: string,
    body: JobDefinitionBody,
  ): Promise<Outcome<{ name: string; revision: number }>> {
    const revision = this.ports.sql.transaction(() => this.store.insertDefinition(name, body))
    return accepted({ name, revision })
  }

  async describeDefinitions(
    query: { refs: JobDefinitionRef[] } | { name?: string; status?: 'ACTIVE' | 'INACTIVE'; page: PageQuery },
  ): Promise<Outcome<Page<JobDefinition>>> {
    if ('refs' in query) {
      const found = query.refs.map((ref) => this.store.definition(ref))
      return accepted({ items: found.filter((definition) => definition !== undefined) })
    }
    const { maxResults, nextToken } = query.page
    const after = nextToken ? decodeToken(nextToken) : undefined
    if (nextToken && !after) return refused('nextToken: not a token of this operation')
    const items = this.store.listDefinitions(query, after, maxResults + 1)
    const page = items.slice(0, maxResults)
    const last = page.at(-1)
    return accepted({
      items: page,
      ...(items.length > maxResults && last ? { nextToken: encodeToken(last) } : {}),
    })
  }

  async resolveDefinitions(refs: JobDefinitionRef[]): Promise<(JobDefinition | undefined)[]> {
    return refs.map((ref) => this.store.definition(ref))
  }

  async queueNumber(name: string): Promise<number | undefined> {
    return this.store.byName('queue', name)?.number
  }

  async queueConfig(number: number): Promise<QueueConfig | undefined> {
    return this.store.byNumber('queue', number)
  }

  async environmentNumber(name: string): Promise<number | undefined> {
    return this.store.byName('environment', name)?.number
  }

  async environmentSetup(
    number: number,
  ): Promise<{ config: EnvironmentConfig; queues: AttachedQueue[] } | undefined> {
    const config = this.store.byNumber('environment', number)
    if (!config) return undefined
    const queues = this.store
      .list('queue', 0, limits.queues)
      .filter(({ environments }) => environments.some((entry) => entry.number === number))
      .map(({ number, name, priority }) => ({ number, name, priority }))
    return { config, queues }
  }

  /** The alarm: the outbox is the only thing here that waits. */
  alarm(): void {
    this.timers.due(this.ports.clock.now())
    this.ports.scheduler.later(0, () => this.deliver())
  }

  /** Pushes present configurations to the objects they are of; a message only says whose has changed. */
  private async deliver(): Promise<void> {
    await this.outbox.drain(async (destination) => {
      const [kind, text] = destination.split('/')
      const number = Number(text)
      if (kind === 'queue') {
        const config = this.store.byNumber('queue', number)
        if (config) await this.ports.queue(number).configure(config)
        return
      }
      const setup = await this.environmentSetup(number)
      if (setup) await this.ports.environment(number).configure(setup.config, setup.queues)
    })
  }

  private describe<Of extends 'environment' | 'queue'>(
    kind: Of,
    names: string[],
    { maxResults, nextToken }: PageQuery,
  ) {
    if (names.length > 0) {
      const found = names.map((name) => this.store.byName(kind, name))
      return accepted({ items: found.filter((config) => config !== undefined) })
    }
    const after = nextToken ? decodeToken(nextToken) : undefined
    if (nextToken && !after) return refused('nextToken: not a token of this operation')
    const items = this.store.list(kind, after?.revision ?? 0, maxResults + 1)
    const page = items.slice(0, maxResults)
    const last = page.at(-1)
    const next =
      items.length > maxResults && last
        ? { nextToken: encodeToken({ name: kind, revision: last.number }) }
        : {}
    return accepted({ items: page, ...next })
  }
}

function leaseOf(body: EnvironmentBody): number | undefined {
  if (!body.context?.includes(leaseMember)) return defaultLeaseMs
  try {
    const seconds = (JSON.parse(body.context) as Record<string, unknown>)[leaseMember]
    return typeof seconds === 'number' && seconds >= 2 && seconds <= 86_400 ? seconds * 1000 : undefined
  } catch {
    return undefined
  }
}

function encodeToken(at: { name: string; revision: number }): string {
  return btoa(JSON.stringify([at.name, at.revision]))
}

function decodeToken(token: string): { name: string; revision: number } | undefined {
  try {
    const [name, revision] = JSON.parse(atob(token)) as unknown[]
    return typeof name === 'string' && typeof revision === 'number' ? { name, revision } : undefined
  } catch {
    return undefined
  }
}
