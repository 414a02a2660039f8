import type { ConsumableOperation } from '../../core/model/consumable.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { consumableIdentity } from './consumable-detail.ts'
import { callConsumables } from './consumable-route.ts'

export const updateConsumableResource = batchOperation('UpdateConsumableResource', async (context, input) => {
  const { consumableResource, operation, quantity, clientToken } = input
  const updated = await callConsumables(context, consumableResource, (consumables, name) =>
    consumables.updateResource({
      name,
      operation: operation as ConsumableOperation,
      quantity: quantity!,
      ...(clientToken === undefined ? {} : { clientToken }),
    }),
  )
  if (!updated.ok) return updated
  const { name, total } = updated.value
  return accepted({ ...consumableIdentity(context.deployment, name), totalQuantity: total })
})
