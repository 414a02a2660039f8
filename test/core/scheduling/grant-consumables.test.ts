import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConsumableAsk,
  grantConsumables,
  shortageReason,
} from '../../../src/core/scheduling/grant-consumables.ts'

function anAsk(
  holder: string,
  needs: Record<string, number>,
  held: Record<string, number> = {},
): ConsumableAsk {
  return {
    holder,
    needs: Object.entries(needs).map(([resource, quantity]) => ({ resource, quantity })),
    held: new Map(Object.entries(held)),
  }
}

const stock = (total: number, inUse = 0) => ({ total, inUse })

describe('grantConsumables', () => {
  it('gives to each all it needs or nothing, in the order asked', () => {
    const resources = new Map([
      ['a', stock(3)],
      ['b', stock(1)],
    ])
    const asks = [anAsk('1', { a: 1, b: 1 }), anAsk('2', { a: 1, b: 1 }), anAsk('3', { a: 2 })]
    expect(grantConsumables(resources, asks)).toEqual({
      granted: ['1', '3'],
      refused: [{ holder: '2', resource: 'b', wanted: 1, free: 0 }],
      taken: [
        { holder: '1', resource: 'a', quantity: 1 },
        { holder: '1', resource: 'b', quantity: 1 },
        { holder: '3', resource: 'a', quantity: 2 },
      ],
    })
  })

  it('takes nothing twice from one that holds it already', () => {
    const grants = grantConsumables(new Map([['a', stock(1, 1)]]), [anAsk('1', { a: 1 }, { a: 1 })])
    expect(grants).toEqual({ granted: ['1'], refused: [], taken: [] })
  })

  it('refuses what does not exist, and everything while more is in use than there is', () => {
    const asks = [anAsk('1', { none: 1 }), anAsk('2', { a: 1 })]
    expect(grantConsumables(new Map([['a', stock(2, 5)]]), asks).refused).toEqual([
      { holder: '1', resource: 'none', wanted: 1, free: undefined },
      { holder: '2', resource: 'a', wanted: 1, free: 0 },
    ])
  })

  it('never hands out more than there is', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const needs = fc.uniqueArray(fc.record({ resource: names, quantity: fc.integer({ min: 1, max: 5 }) }), {
      selector: ({ resource }) => resource,
      maxLength: 3,
    })
    const resources = fc.dictionary(names, fc.record({ total: fc.nat(10), inUse: fc.nat(12) }))
    fc.assert(
      fc.property(resources, fc.array(needs, { maxLength: 12 }), (all, lists) => {
        const before = new Map(Object.entries(all))
        const asks = lists.map((list, i) => ({ holder: `${i}`, needs: list, held: new Map() }))
        const { granted, refused, taken } = grantConsumables(before, asks)
        expect(granted.length + refused.length).toBe(asks.length)
        for (const [name, { total, inUse }] of before) {
          const sum = taken.reduce((n, one) => n + (one.resource === name ? one.quantity : 0), 0)
          expect(sum).toBeLessThanOrEqual(Math.max(0, total - inUse))
        }
        for (const holder of granted)
          expect(taken.filter((one) => one.holder === holder).length).toBe(lists[Number(holder)]!.length)
      }),
    )
  })
})

describe('shortageReason', () => {
  it('names the resource, what is wanted and what there is', () => {
    expect(shortageReason({ resource: 'seat', wanted: 3, free: 1 })).toBe(
      'CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource seat: 3 wanted, 1 available',
    )
    expect(shortageReason({ resource: 'seat', wanted: 3, free: undefined })).toBe(
      'CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource seat: 3 wanted, it does not exist',
    )
  })
})
