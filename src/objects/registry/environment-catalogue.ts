import {
  createdEnvironment,
  type EnvironmentChange,
  leaseOf,
  refuseEnvironmentDelete,
  updatedEnvironment,
} from '../../core/lifecycle/environment-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import type { EnvironmentBody, EnvironmentConfig } from '../../core/model/environment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { AttachedQueue } from '../environment/environment-rpc.ts'
import { type Catalogue, describeConfigs } from './catalogue.ts'
import type { Page, PageQuery } from './registry-rpc.ts'

/** The compute environments of a deployment. */
export class EnvironmentCatalogue {
  private readonly catalogue: Catalogue

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  create(name: string, asked: EnvironmentBody): Promise<Outcome<{ name: string }>> {
    const { store, now, uuid, announce } = this.catalogue
    return this.catalogue.change(() => {
      const body = createdEnvironment(asked)
      if (!body.ok) return body
      const lease = leaseOf(body.value)
      if (!lease.ok) return lease
      if (store.byName('environment', name)) return refused('Object already exists')
      if (store.count('environment') >= limits.environments)
        return refused(`At most ${limits.environments} compute environments are allowed`)
      const { number } = store.insert('environment', {
        name,
        uuid: uuid(),
        createdAt: now(),
        body: body.value,
        leaseMs: lease.value,
      })
      announce('environment', number)
      return accepted({ name })
    })
  }

  update(name: string, change: EnvironmentChange): Promise<Outcome<{ name: string }>> {
    const { store, announce } = this.catalogue
    return this.catalogue.change(() => {
      const config = store.byName('environment', name)
      if (!config) return missing(name)
      const body = updatedEnvironment(config, change)
      if (!body.ok) return body
      store.save('environment', { ...config, body: body.value })
      announce('environment', config.number)
      return accepted({ name })
    })
  }

  delete(name: string): Promise<Outcome<Record<string, never>>> {
    const { store, announce } = this.catalogue
    return this.catalogue.change(() => {
      const config = store.byName('environment', name)
      if (!config) return missing(name)
      const refusal = refuseEnvironmentDelete(config.body, this.queuesOf(config.number).length)
      if (refusal !== undefined) return refused(refusal)
      announce('environment', config.number)
      store.remove('environment', store.byNumber('environment', config.number)!)
      return accepted({})
    })
  }

  describe(names: string[], page: PageQuery): Outcome<Page<EnvironmentConfig>> {
    return describeConfigs(this.catalogue.store, 'environment', names, page)
  }

  numberOf(name: string): number | undefined {
    return this.catalogue.store.byName('environment', name)?.number
  }

  /** Where an agent that names `name` belongs: to one that is deleted it may come back to finish its jobs. */
  numberForAgent(name: string): number | undefined {
    return this.numberOf(name) ?? this.catalogue.store.deletedEnvironment(name)
  }

  /** What the object of an environment works with. */
  setup(number: number): { config: EnvironmentConfig; queues: AttachedQueue[] } | undefined {
    const { store } = this.catalogue
    const config = store.byNumber('environment', number) ?? store.deleted('environment', number)
    if (!config) return undefined
    const queues = this.queuesOf(number).map(({ number, name, priority }) => ({ number, name, priority }))
    return { config, queues }
  }

  private queuesOf(number: number): QueueConfig[] {
    return this.catalogue.store
      .list('queue', 0, limits.queues)
      .filter(({ environments }) => environments.some((entry) => entry.number === number))
  }
}

function missing(name: string) {
  return refused(`computeEnvironment: compute environment ${name} does not exist`)
}
