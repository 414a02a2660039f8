import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { entitlements } from '../../../src/core/scheduling/entitlements.ts'

test('what one does not demand is divided among the rest by weight', () => {
  const parties = [
    { weight: 1, demand: 10 },
    { weight: 1, demand: 100 },
    { weight: 2, demand: 100 },
  ]
  expect(entitlements(100, parties)).toEqual([10, 30, 60])
})

test('is never more than demanded, uses up the capacity while somebody wants it, and favours nobody beyond weight', () => {
  const party = fc.record({
    weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
    demand: fc.double({ min: 0, max: 1000, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(party, { maxLength: 12 }),
      fc.double({ min: 0, max: 2000, noNaN: true }),
      (parties, capacity) => {
        const given = entitlements(capacity, parties)
        const demand = parties.reduce((sum, one) => sum + one.demand, 0)
        expect(given.reduce((sum, one) => sum + one, 0)).toBeCloseTo(Math.min(capacity, demand), 4)
        const unmet = given.flatMap((one, i) =>
          one < parties[i]!.demand - 1e-6 ? one / parties[i]!.weight : [],
        )
        for (const [i, one] of given.entries()) {
          expect(one).toBeLessThanOrEqual(parties[i]!.demand + 1e-6)
          for (const height of unmet)
            expect(one / parties[i]!.weight).toBeLessThanOrEqual(height + 1e-4 * (1 + height))
        }
      },
    ),
  )
})
