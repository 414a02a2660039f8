import {
  refuseEnvironmentOrder,
  refusePolicyChange,
  refusePolicyKind,
  refuseQueueDelete,
  refuseSchedulingSettings,
} from '../../core/lifecycle/queue-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import { capabilityOf, type EnvironmentConfig } from '../../core/model/environment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueConfig, SchedulingSettings } from '../../core/model/queue.ts'
import { policyNameOf } from '../../core/model/scheduling-policy.ts'
import { type Catalogue, describeConfigs } from './catalogue.ts'
import type { CreateQueue, Page, PageQuery, UpdateQueue } from './registry-rpc.ts'

/** The job queues of a deployment. */
export class QueueCatalogue {
  private readonly catalogue: Catalogue

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  create(create: CreateQueue): Promise<Outcome<{ name: string }>> {
    const { store, now, uuid, announce } = this.catalogue
    return this.catalogue.change(() => {
      if (store.byName('queue', create.name)) return refused('Object already exists')
      if (store.count('queue') >= limits.queues)
        return refused(`At most ${limits.queues} job queues are allowed`)
      const environments = this.environmentOrder(create.environments, create.jobQueueType)
      if (!environments.ok) return environments
      const { schedulingSettings, ...plain } = create
      const refusal = create.schedulingPolicyArn && this.refusePolicy(create.schedulingPolicyArn)
      if (refusal) return refused(refusal)
      const settings = settingsOf(schedulingSettings, create.schedulingPolicyArn)
      if (!settings.ok) return settings
      const order = environments.value.map(({ number, name }) => ({ number, name }))
      const config = store.insert('queue', {
        ...plain,
        ...settings.value,
        environments: order,
        uuid: uuid(),
        createdAt: now(),
      })
      announce('queue', config.number)
      for (const { number } of order) announce('environment', number)
      return accepted({ name: create.name })
    })
  }

  update(name: string, change: UpdateQueue): Promise<Outcome<{ name: string }>> {
    const { store, announce } = this.catalogue
    return this.catalogue.change(() => {
      const config = store.byName('queue', name)
      if (!config) return missing(name)
      const { environments: asked, schedulingPolicyArn, schedulingSettings, ...plain } = change
      const settings = settingsOf(schedulingSettings ?? config.schedulingSettings, config.schedulingPolicyArn)
      if (!settings.ok) return settings
      const { schedulingSettings: _, ...kept } = config
      const next: QueueConfig = { ...kept, ...plain, ...settings.value }
      if (asked) {
        const environments = this.environmentOrder(asked, config.jobQueueType)
        if (!environments.ok) return environments
        next.environments = environments.value.map(({ number, name }) => ({ number, name }))
      }
      if (schedulingPolicyArn !== undefined) {
        const refusal =
          refusePolicyChange(config.schedulingPolicyArn, schedulingPolicyArn) ??
          (schedulingPolicyArn && this.refusePolicy(schedulingPolicyArn))
        if (refusal) return refused(refusal)
        if (schedulingPolicyArn) next.schedulingPolicyArn = schedulingPolicyArn
      }
      store.save('queue', next)
      announce('queue', config.number)
      const touched = [...config.environments, ...next.environments].map(({ number }) => number)
      for (const number of new Set(touched)) announce('environment', number)
      return accepted({ name })
    })
  }

  delete(name: string): Promise<Outcome<Record<string, never>>> {
    const { store, announce } = this.catalogue
    return this.catalogue.change(() => {
      const config = store.byName('queue', name)
      if (!config) return missing(name)
      const refusal = refuseQueueDelete(config.state)
      if (refusal !== undefined) return refused(refusal)
      announce('queue', config.number)
      store.remove('queue', store.byNumber('queue', config.number)!)
      for (const { number } of config.environments) announce('environment', number)
      return accepted({})
    })
  }

  describe(names: string[], page: PageQuery): Outcome<Page<QueueConfig>> {
    return describeConfigs(this.catalogue.store, 'queue', names, page)
  }

  numberOf(name: string): number | undefined {
    return this.catalogue.store.byName('queue', name)?.number
  }

  /** What the object of a queue works with: its configuration, its policy, and what its environments can run. */
  config(number: number): QueueConfig | undefined {
    const { store } = this.catalogue
    const config = store.byNumber('queue', number) ?? store.deleted('queue', number)
    if (!config) return undefined
    const [first] = config.environments
    const environment = first && store.byNumber('environment', first.number)
    const { schedulingPolicyArn: arn } = config
    const policy = arn === undefined ? undefined : store.byName('policy', policyNameOf(arn))
    return {
      ...config,
      ...(environment ? { capability: capabilityOf(environment.body) } : {}),
      ...(arn === undefined ? {} : { fairsharePolicy: policy?.body.fairsharePolicy ?? {} }),
    }
  }

  private environmentOrder(names: string[], jobQueueType: string | undefined): Outcome<EnvironmentConfig[]> {
    const environments: EnvironmentConfig[] = []
    for (const name of names) {
      const environment = this.catalogue.store.byName('environment', name)
      if (!environment) return refused(`computeEnvironmentOrder: compute environment ${name} does not exist`)
      environments.push(environment)
    }
    const bodies = environments.map(({ body }) => body)
    const refusal = refuseEnvironmentOrder(bodies, jobQueueType)
    return refusal === undefined ? accepted(environments) : refused(refusal)
  }

  private refusePolicy(arn: string): string | undefined {
    const policy = this.catalogue.store.byName('policy', policyNameOf(arn))
    if (!policy) return `schedulingPolicyArn: scheduling policy ${arn} does not exist`
    return refusePolicyKind(policy.body)
  }
}

/** The settings that a queue keeps: none where there is nothing in them. */
function settingsOf(
  schedulingSettings: SchedulingSettings = {},
  policyArn: string | undefined,
): Outcome<Pick<QueueConfig, 'schedulingSettings'>> {
  const refusal = refuseSchedulingSettings(schedulingSettings, policyArn)
  if (refusal !== undefined) return refused(refusal)
  return accepted(Object.keys(schedulingSettings).length === 0 ? {} : { schedulingSettings })
}

function missing(name: string) {
  return refused(`jobQueue: job queue ${name} does not exist`)
}
