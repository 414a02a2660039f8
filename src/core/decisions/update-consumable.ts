import type { ConsumableOperation, ConsumableResource } from '../model/consumable.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'

/** UpdateConsumableResource: the new total. It may fall below what is in use; then nothing new is handed out. */
export function decideUpdateConsumable(
  { name, total }: Pick<ConsumableResource, 'name' | 'total'>,
  operation: ConsumableOperation,
  quantity: number,
): Outcome<number> {
  const after = { SET: quantity, ADD: total + quantity, REMOVE: total - quantity }[operation]
  if (after < 0)
    return refused(
      `quantity: consumable resource ${name} has ${total}, of which ${quantity} cannot be removed`,
    )
  if (!Number.isSafeInteger(after))
    return refused(
      `quantity: the total of consumable resource ${name} would exceed ${Number.MAX_SAFE_INTEGER}`,
    )
  return accepted(after)
}

/** What giving back does: `used` of what jobs do not put back is gone, so that the total falls with what is in use. */
export function putBack(
  resource: ConsumableResource,
  quantity: number,
  used: boolean,
): Pick<ConsumableResource, 'total' | 'inUse'> {
  const gone = used && resource.type === 'NON_REPLENISHABLE' ? quantity : 0
  return { total: Math.max(0, resource.total - gone), inUse: resource.inUse - quantity }
}
