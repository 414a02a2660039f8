import { consumablesStub } from '../../bindings.ts'
import type { ConsumableType } from '../../core/model/consumable.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { consumableIdentity } from './consumable-detail.ts'

export const createConsumableResource = batchOperation(
  'CreateConsumableResource',
  async ({ env, deployment }, input) => {
    const created = await consumablesStub(env).createResource({
      name: input.consumableResourceName,
      type: (input.resourceType ?? 'REPLENISHABLE') as ConsumableType,
      total: input.totalQuantity ?? 0,
      tags: input.tags ?? {},
    })
    return created.ok ? accepted(consumableIdentity(deployment, created.value.name)) : created
  },
)
