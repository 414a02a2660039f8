/**
 * A consumable resource: something that jobs need and that no host has, such as licences or database connections.
 * Of a REPLENISHABLE one a job gives back what it held, of a NON_REPLENISHABLE one what it used is gone for good
 * (AWS Batch user guide, "Resource-aware scheduling").
 */
export type ConsumableResource = {
  name: string
  type: ConsumableType
  total: number
  /** Held by attempts from STARTING to their end; more than `total` after the total was lowered. */
  inUse: number
  createdAt: number
  tags: Record<string, string>
}

export const consumableTypes = ['REPLENISHABLE', 'NON_REPLENISHABLE'] as const
export type ConsumableType = (typeof consumableTypes)[number]

/** What UpdateConsumableResource does with its quantity to the total. */
export const consumableOperations = ['SET', 'ADD', 'REMOVE'] as const
export type ConsumableOperation = (typeof consumableOperations)[number]

/** The definition's or the job's own list, as the client sent it. `consumableResource` is a name or an ARN. */
export type ConsumableProperties = {
  consumableResourceList?: { consumableResource?: string; quantity?: number }[]
}

/** What one attempt holds of one resource. */
export type ConsumableNeed = { resource: string; quantity: number }

/** What may be handed out now. */
export function availableQuantity(resource: Pick<ConsumableResource, 'total' | 'inUse'>): number {
  return Math.max(0, resource.total - resource.inUse)
}
