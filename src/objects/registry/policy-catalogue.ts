import { createdPolicy, updatedPolicy } from '../../core/lifecycle/policy-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import { type PolicyBody, type PolicyConfig, policyNameOf } from '../../core/model/scheduling-policy.ts'
import { type Catalogue, describeConfigs } from './catalogue.ts'
import type { Page, PageQuery } from './registry-rpc.ts'

/** The scheduling policies of a deployment. They have no objects: their queues are told what they say. */
export class PolicyCatalogue {
  private readonly catalogue: Catalogue

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  create(
    name: string,
    asked: PolicyBody,
    tags: Record<string, string> | undefined,
  ): Promise<Outcome<{ name: string }>> {
    const { store, now } = this.catalogue
    return this.catalogue.change(() => {
      const body = createdPolicy(asked)
      if (!body.ok) return body
      if (store.byName('policy', name)) return refused('Object already exists')
      if (store.count('policy') >= limits.schedulingPolicies)
        return refused(`At most ${limits.schedulingPolicies} scheduling policies are allowed`)
      store.insert('policy', { name, createdAt: now(), body: body.value, ...(tags ? { tags } : {}) })
      return accepted({ name })
    })
  }

  update(name: string, change: PolicyBody): Promise<Outcome<Record<string, never>>> {
    const { store, announce } = this.catalogue
    return this.catalogue.change(() => {
      const policy = store.byName('policy', name)
      if (!policy) return missing(name)
      const body = updatedPolicy(policy.body, change)
      if (!body.ok) return body
      store.save('policy', { ...policy, body: body.value })
      for (const { number } of this.queuesOf(name)) announce('queue', number)
      return accepted({})
    })
  }

  delete(name: string): Promise<Outcome<Record<string, never>>> {
    const { store } = this.catalogue
    return this.catalogue.change(() => {
      const policy = store.byName('policy', name)
      if (!policy) return missing(name)
      if (this.queuesOf(name).length > 0)
        return refused('Cannot delete, found existing JobQueue relationship')
      store.remove('policy', policy)
      return accepted({})
    })
  }

  describe(names: string[], page: PageQuery): Outcome<Page<PolicyConfig>> {
    return describeConfigs(this.catalogue.store, 'policy', names, page)
  }

  private queuesOf(name: string): QueueConfig[] {
    return this.catalogue.store
      .list('queue', 0, limits.queues)
      .filter(({ schedulingPolicyArn: arn }) => arn !== undefined && policyNameOf(arn) === name)
  }
}

function missing(name: string) {
  return refused(`arn: scheduling policy ${name} does not exist`)
}
