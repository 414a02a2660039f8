import type {
  ConsumableNeed,
  ConsumableOperation,
  ConsumableResource,
  ConsumableType,
} from '../../core/model/consumable.ts'
import type { Outcome } from '../../core/model/outcome.ts'
import type { TagChange } from '../../core/model/tags.ts'
import type { Shortage } from '../../core/scheduling/grant-consumables.ts'

export type CreateConsumable = {
  name: string
  type: ConsumableType
  total: number
  tags: Record<string, string>
}
export type UpdateConsumable = {
  name: string
  operation: ConsumableOperation
  quantity: number
  /** A repeat of the same update with the same token succeeds and changes nothing; remembered for 8 hours. */
  clientToken?: string
}
export type ListConsumables = {
  /** Names in any letter case; one that ends with `*` is a prefix. Empty: all. */
  names: string[]
  maxResults: number
  /** The last name of the page before. */
  after?: string
}

export type AcquireRequest = {
  queue: number
  /** From `openSession`. One of an older session is refused: its sender's view of what it holds is stale. */
  session: string
  /** In the queue's order. A holder is an attempt. */
  asks: { holder: string; needs: ConsumableNeed[] }[]
}
export type AcquireReply = { ok: false; reason: 'stale-session' } | { ok: true; refused: Shortage[] }

export type ReleaseRequest = {
  queue: number
  session: string
  /** `used`: the attempt has been, so that what is not replenishable is gone. */
  holders: { holder: string; used: boolean }[]
}

/** A resource of which there is more than there was. */
export type FreedConsumable = { name: string; free: number }

/** What the Consumables object answers to others. One per deployment, named `consumables`. */
export type ConsumablesRpc = {
  createResource(create: CreateConsumable): Promise<Outcome<{ name: string }>>
  updateResource(update: UpdateConsumable): Promise<Outcome<{ name: string; total: number }>>
  /** Even while attempts hold some of it (as on AWS): what they give back later is ignored. */
  deleteResource(name: string): Promise<Outcome<object>>
  describeResource(name: string): Promise<Outcome<ConsumableResource>>
  /** By name. `more`: there is another page. */
  listResources(query: ListConsumables): Promise<{ items: ConsumableResource[]; more: boolean }>
  changeTags(name: string, change: TagChange): Promise<Outcome<object>>
  /** Those of the names that no resource has. */
  unknownResources(names: string[]): Promise<string[]>
  /** Begins a queue's conversation (its object has started anew) and tells which attempts of it hold something. */
  openSession(queue: number): Promise<{ session: string; holders: string[] }>
  /** To each all it needs or nothing. Idempotent by holder. A queue that went away empty is told when there is more. */
  acquire(request: AcquireRequest): Promise<AcquireReply>
  /** Idempotent by holder. False: the session is stale. */
  release(request: ReleaseRequest): Promise<boolean>
}
