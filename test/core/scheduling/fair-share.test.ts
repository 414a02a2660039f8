import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FairsharePolicy } from '../../../src/core/model/scheduling-policy.ts'
import { FairShare } from '../../../src/core/scheduling/fair-share.ts'
import { type Use, useOf } from '../../../src/core/scheduling/share-usage.ts'

const capacity = { cpuMilli: 64_000, memoryMiB: 128_000, gpuMilli: 8_000, diskMiB: 0 }
const vcpus = (count: number): Use => useOf({ cpuMilli: count * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 })

function fairShare(policy: FairsharePolicy = {}): FairShare {
  return new FairShare(policy, capacity)
}

describe('use', () => {
  it('that is held without a break comes to twice itself: now, and on average', () => {
    const fair = fairShare({ shareDecaySeconds: 60 })
    fair.hold('a', vcpus(4), 0)
    expect(fair.keyOf('a', 1, 3_600_000)).toBeCloseTo(8, 6)
    expect(fair.keyOf('a', 0.5, 3_600_000)).toBeCloseTo(4, 6)
  })

  it('does not depend on how often it is looked at', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 20 })
    fc.assert(
      fc.property(looks, (gaps) => {
        const [seen, unseen] = [fairShare(), fairShare()]
        for (const fair of [seen, unseen]) fair.hold('a', vcpus(3), 0)
        let now = 0
        for (const gap of gaps) {
          now += gap
          seen.keyOf('a', 1, now)
        }
        expect(seen.keyOf('a', 1, now)).toBe(unseen.keyOf('a', 1, now))
      }),
    )
  })

  it('decays in the steps in which keys change, and what changes meanwhile counts at once', () => {
    const fair = fairShare({ shareDecaySeconds: 60 })
    fair.hold('a', vcpus(4), 0)
    fair.release('a', vcpus(4), 6_010)
    const keys = [6_010, 6_059, 6_060, 6_119, 6_120].map((now) => fair.keyOf('a', 1, now))
    expect([keys[0] === keys[1], keys[1]! > keys[2]!, keys[2] === keys[3], keys[3]! > keys[4]!]).toEqual(
      Array(4).fill(true),
    )
    fair.hold('a', vcpus(1), 6_130)
    expect(fair.keyOf('a', 1, 6_130)).toBeGreaterThan(1)
  })

  it('outlives memory, but for what is held', () => {
    const fair = fairShare()
    fair.hold('a/b', vcpus(4), 0)
    fair.release('a/b', vcpus(4), 300_000)
    const again = fairShare()
    again.unpack(JSON.parse(JSON.stringify(fair.pack(300_000))))
    for (const path of ['a', 'a/b'])
      expect(again.keyOf(path, 1, 400_000)).toBeCloseTo(fair.keyOf(path, 1, 400_000), 9)
  })

  it('keeps a share active until its window has passed', () => {
    const fair = fairShare({ shareDecaySeconds: 60 })
    fair.hold('a/b', vcpus(1), 0)
    fair.release('a/b', vcpus(1), 10_000)
    expect(fair.recentShares(69_999)).toEqual(['a/b'])
    expect(fair.recentShares(70_000)).toEqual([])
  })
})

describe('computeReservation', () => {
  it('keeps a part of the capacity that shrinks with every active share', () => {
    const fair = fairShare({ computeReservation: 50 })
    expect([1, 2, 3].map((active) => fair.reservedLimit(active))).toEqual([32_000, 48_000, 56_000])
    expect(fairShare().reservedLimit(1)).toBe(Number.POSITIVE_INFINITY)
  })
})
