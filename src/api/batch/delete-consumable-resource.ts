import { batchOperation } from './batch-operation.ts'
import { callConsumables } from './consumable-route.ts'

export const deleteConsumableResource = batchOperation('DeleteConsumableResource', (context, input) =>
  callConsumables(context, input.consumableResource, (consumables, name) => consumables.deleteResource(name)),
)
