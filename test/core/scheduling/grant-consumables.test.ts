import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConsumableType } from '../../../src/core/model/consumable.ts'
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

const stock = (total: number, inUse = 0, type: ConsumableType = 'REPLENISHABLE') => ({ type, total, inUse })

describe('grantConsumables', () => {
  it('gives to each all it needs or nothing, in the order asked', () => {
    const resources = new Map([
      ['a', stock(3)],
      ['b', stock(1)],
    ])
    const asks = [anAsk('1', { a: 1, b: 1 }), anAsk('2', { a: 1, b: 1 }), anAsk('3', { a: 2 })]
    expect(grantConsumables(resources, asks)).toEqual({
      granted: ['1', '3'],
      refused: [{ holder: '2', resource: 'b', wanted: 1, free: 0, total: 1 }],
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
      { holder: '2', resource: 'a', wanted: 1, free: 0, total: 2 },
    ])
  })

  it('lets nobody overtake one that waits for more than is free, of that resource', () => {
    const resources = new Map([
      ['a', stock(5, 1)],
      ['b', stock(5)],
    ])
    const asks = [
      anAsk('1', { b: 1, a: 5 }),
      anAsk('2', { a: 1 }),
      anAsk('3', { b: 5 }),
      anAsk('4', { a: 1 }, { a: 1 }),
    ]
    const grants = grantConsumables(resources, asks)
    expect(grants.granted).toEqual(['3', '4'])
    expect(grants.refused).toEqual([
      { holder: '1', resource: 'a', wanted: 5, free: 4, total: 5 },
      { holder: '2', resource: 'a', wanted: 1, free: 4, total: 5, behind: true },
    ])
  })

  it('holds nobody up for one that would wait in vain', () => {
    const resources = new Map([
      ['a', stock(5, 1)],
      ['gone when used', stock(5, 1, 'NON_REPLENISHABLE')],
    ])
    const asks = [
      anAsk('1', { a: 6 }),
      anAsk('2', { 'gone when used': 5 }),
      anAsk('3', { a: 4, 'gone when used': 4 }),
    ]
    expect(grantConsumables(resources, asks)).toMatchObject({
      granted: ['3'],
      refused: [{ holder: '1' }, { holder: '2' }],
    })
  })

  it('brings all that can be had to the end, in whatever order they ask and give back', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const needs = fc.uniqueArray(fc.record({ resource: names, quantity: fc.integer({ min: 1, max: 5 }) }), {
      selector: ({ resource }) => resource,
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(fc.array(needs, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (lists, draws) => {
        const totals = { a: 5, b: 6, c: 7 }
        const inUse = new Map<string, number>()
        let waiting = lists.map((list, i) => ({ holder: `${i}`, needs: list, held: new Map() }))
        const running: typeof waiting = []
        const first: string[] = []
        const add = (name: string, amount: number) => inUse.set(name, (inUse.get(name) ?? 0) + amount)
        while (waiting.length + running.length > 0) {
          const resources = new Map(
            Object.entries(totals).map(([name, total]) => [name, stock(total, inUse.get(name))]),
          )
          const { granted, taken } = grantConsumables(resources, waiting)
          for (const { resource, quantity } of taken) add(resource, quantity)
          running.push(...waiting.filter(({ holder }) => granted.includes(holder)))
          // Whoever is first in a line, and lacks nothing else, is overtaken there by nobody.
          const [head] = waiting
          if (head?.needs.length === 1 && !granted.includes(head.holder))
            expect(taken.some(({ resource }) => resource === head.needs[0]!.resource)).toBe(false)
          waiting = waiting.filter(({ holder }) => !granted.includes(holder))
          expect(running.length).toBeGreaterThan(0)
          const [ended] = running.splice(draws.next().value % running.length, 1)
          first.push(ended!.holder)
          for (const { resource, quantity } of ended!.needs) add(resource, -quantity)
        }
        expect(first).toHaveLength(lists.length)
      }),
    )
  })

  it('never hands out more than there is', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const needs = fc.uniqueArray(fc.record({ resource: names, quantity: fc.integer({ min: 1, max: 5 }) }), {
      selector: ({ resource }) => resource,
      maxLength: 3,
    })
    const resources = fc.dictionary(
      names,
      fc.record({
        type: fc.constantFrom('REPLENISHABLE' as const, 'NON_REPLENISHABLE' as const),
        total: fc.nat(10),
        inUse: fc.nat(12),
      }),
    )
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
    expect(shortageReason({ resource: 'seat', wanted: 1, free: 4, behind: true })).toBe(
      'CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource seat: 1 wanted, 4 available, for more of which a job before it waits',
    )
  })
})
