import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareEntitlements } from '../../../src/core/scheduling/share-entitlements.ts'

const waits = (share: string, holds = 0) => ({ share, holds, waits: true })
const content = (share: string, holds: number) => ({ share, holds, waits: false })

describe('what shares are entitled to', () => {
  it('is what they hold together, by one over their weight factors', () => {
    const policy = { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 0.5 }] }
    const found = shareEntitlements(policy, [waits('a'), waits('b', 12)], 12)
    expect([...found]).toEqual([
      ['a', 8],
      ['b', 4],
    ])
  })

  it('is what it holds for one that wants no more, if that is less than its part', () => {
    const found = shareEntitlements({}, [content('a', 1), waits('b', 9), waits('c', 0)], 10)
    expect(Object.fromEntries(found)).toEqual({ a: 1, b: 4.5, c: 4.5 })
  })

  it('is divided level by level', () => {
    const standings = [waits('team/x', 12), waits('team/y'), waits('alone')]
    expect(Object.fromEntries(shareEntitlements({}, standings, 12))).toEqual({
      'team/x': 3,
      'team/y': 3,
      alone: 6,
    })
  })

  it('adds up to what they hold, whatever they hold and want', () => {
    const standing = fc.record({
      share: fc.constantFrom('a', 'b', 'a/x', 'a/y', 'b/x', 'c/x/y', 'd'),
      holds: fc.nat(50),
      waits: fc.boolean(),
    })
    const standings = fc.uniqueArray(standing, { selector: ({ share }) => share })
    fc.assert(
      fc.property(standings, (all) => {
        const held = all.reduce((sum, { holds }) => sum + holds, 0)
        const policy = { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 3 }] }
        const found = shareEntitlements(policy, all, held)
        expect([...found.values()].reduce((sum, one) => sum + one, 0)).toBeCloseTo(held, 6)
        // Whoever wants no more keeps what is its part at most.
        for (const { share, holds, waits: more } of all)
          if (!more) expect(found.get(share)!).toBeLessThanOrEqual(holds + 1e-9)
      }),
    )
  })
})
