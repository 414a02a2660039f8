import { describe, expect, it } from 'vitest'
import { decideUpdateConsumable, putBack } from '../../../src/core/decisions/update-consumable.ts'
import type { ConsumableResource } from '../../../src/core/model/consumable.ts'

function aResource(members: Partial<ConsumableResource> = {}): ConsumableResource {
  return { name: 'seat', type: 'REPLENISHABLE', total: 5, inUse: 2, createdAt: 0, tags: {}, ...members }
}

describe('decideUpdateConsumable', () => {
  it('sets, adds and removes, below what is in use too', () => {
    expect(decideUpdateConsumable(aResource(), 'SET', 1)).toEqual({ ok: true, value: 1 })
    expect(decideUpdateConsumable(aResource(), 'ADD', 3)).toEqual({ ok: true, value: 8 })
    expect(decideUpdateConsumable(aResource(), 'REMOVE', 5)).toEqual({ ok: true, value: 0 })
  })

  it('refuses to remove more than there is, and totals no number holds', () => {
    expect(decideUpdateConsumable(aResource(), 'REMOVE', 6)).toMatchObject({
      refusal: { message: 'quantity: consumable resource seat has 5, of which 6 cannot be removed' },
    })
    expect(decideUpdateConsumable(aResource(), 'ADD', Number.MAX_SAFE_INTEGER)).toMatchObject({ ok: false })
  })
})

describe('putBack', () => {
  it('puts back what is replenishable, used or not', () => {
    expect(putBack(aResource(), 2, true)).toEqual({ total: 5, inUse: 0 })
  })

  it('puts back of other resources only what was not used: the total falls with what is in use', () => {
    const resource = aResource({ type: 'NON_REPLENISHABLE' })
    expect(putBack(resource, 2, false)).toEqual({ total: 5, inUse: 0 })
    expect(putBack(resource, 2, true)).toEqual({ total: 3, inUse: 0 })
  })

  it('never leaves less than nothing after the total was lowered', () => {
    expect(putBack(aResource({ type: 'NON_REPLENISHABLE', total: 1 }), 2, true)).toEqual({
      total: 0,
      inUse: 0,
    })
  })
})
