import { availableQuantity, type ConsumableResource } from '../../core/model/consumable.ts'
import { batchArn, type Deployment } from '../../core/model/deployment.ts'

/** What every answer about a consumable resource has. */
export function consumableIdentity(deployment: Deployment, name: string): object {
  return {
    consumableResourceName: name,
    consumableResourceArn: batchArn(deployment, `consumable-resource/${name}`),
  }
}

/** The API's ConsumableResourceSummary. */
export function consumableSummary(deployment: Deployment, resource: ConsumableResource): object {
  return {
    ...consumableIdentity(deployment, resource.name),
    totalQuantity: resource.total,
    inUseQuantity: resource.inUse,
    resourceType: resource.type,
  }
}

/** The API's DescribeConsumableResourceResponse. */
export function consumableDetail(deployment: Deployment, resource: ConsumableResource): object {
  return {
    ...consumableSummary(deployment, resource),
    availableQuantity: availableQuantity(resource),
    createdAt: resource.createdAt,
    tags: resource.tags,
  }
}
