import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { consumableDetail } from './consumable-detail.ts'
import { callConsumables } from './consumable-route.ts'

export const describeConsumableResource = batchOperation(
  'DescribeConsumableResource',
  async (context, input) => {
    const resource = await callConsumables(context, input.consumableResource, (consumables, name) =>
      consumables.describeResource(name),
    )
    return resource.ok ? accepted(consumableDetail(context.deployment, resource.value)) : resource
  },
)
