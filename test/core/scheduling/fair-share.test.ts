import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FairsharePolicy } from '../../../src/core/model/scheduling-policy.ts'
import { FairShare } from '../../../src/core/scheduling/fair-share.ts'
import { type Use, useOf } from '../../../src/core/scheduling/share-usage.ts'
import { ShareWalk } from '../../../src/core/scheduling/share-walk.ts'

const capacity = { cpuMilli: 64_000, memoryMiB: 128_000, gpuMilli: 8_000, diskMiB: 0 }
const vcpus = (count: number): Use => useOf({ cpuMilli: count * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 })

function fairShare(policy: FairsharePolicy = {}): FairShare {
  return new FairShare(policy, capacity)
}

/** How many of `picks` jobs of one vCPU each share gets in one tick. */
function pick(fair: FairShare, shares: string[], picks: number, now = 0): Record<string, number> {
  const walk = new ShareWalk(
    fair,
    shares.map((share, i) => ({ share, since: i })),
    now,
  )
  const got: Record<string, number> = {}
  for (let i = 0; i < picks; i++) {
    const share = walk.next()!
    got[share] = (got[share] ?? 0) + 1
    walk.charge(share, vcpus(1), 100 + i)
  }
  return got
}

describe('the turn of a share', () => {
  it('comes by weight: a factor of 0.125 gets eight times what 1 gets', () => {
    const policy = { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 0.125 }] }
    expect(pick(fairShare(policy), ['a', 'b'], 90)).toEqual({ a: 80, b: 10 })
  })

  it('comes to who has used least of late, and what was used is forgotten by and by', () => {
    const fair = fairShare({ shareDecaySeconds: 600 })
    fair.hold('a', vcpus(40), 0)
    fair.release('a', vcpus(40), 60_000)
    const soon = pick(fair, ['a', 'b'], 20, 60_000)
    const later = pick(fair, ['a', 'b'], 20, 360_000)
    expect(soon.b!).toBeGreaterThan(later.b!)
    expect(later.b!).toBeGreaterThan(10)
    expect(pick(fair, ['a', 'b'], 20, 660_000)).toEqual({ a: 10, b: 10 })
  })

  it('at first comes to the older job', () => {
    expect(
      new ShareWalk(
        fairShare(),
        [
          { share: 'b', since: 7 },
          { share: 'a', since: 9 },
        ],
        0,
      ).next(),
    ).toBe('b')
  })

  it('is decided level by level in a tree, so that a team of many users gets no more than a team of one', () => {
    const users = ['red/1', 'red/2', 'red/3', 'blue/1']
    expect(pick(fairShare(), users, 60)).toEqual({ 'red/1': 10, 'red/2': 10, 'red/3': 10, 'blue/1': 30 })
  })

  it('comes to jobs of a share itself as to one share below it', () => {
    expect(pick(fairShare(), ['red', 'red/1'], 20)).toEqual({ red: 10, 'red/1': 10 })
  })

  it('passes on when a share has no more jobs', () => {
    const walk = new ShareWalk(
      fairShare(),
      [
        { share: 'a/b', since: 1 },
        { share: 'c', since: 2 },
      ],
      0,
    )
    walk.drop('a/b')
    expect(walk.next()).toBe('c')
    walk.drop('c')
    expect(walk.next()).toBeUndefined()
  })

  it.each<[NonNullable<FairsharePolicy['usage']>, string]>([
    ['MEMORY', 'gpu'],
    ['GPU', 'memory'],
    ['DOMINANT', 'memory'],
    ['COST', 'memory'],
  ])('counts %s where the policy says so', (usage, first) => {
    const fair = fairShare({ usage })
    fair.hold('memory', useOf({ cpuMilli: 1000, memoryMiB: 4_000, gpuMilli: 0, diskMiB: 0 }), 0)
    fair.hold('gpu', useOf({ cpuMilli: 1000, memoryMiB: 1_000, gpuMilli: 4_000, diskMiB: 0 }), 0)
    const waiting = [
      { share: 'memory', since: 2 },
      { share: 'gpu', since: 1 },
    ]
    expect(new ShareWalk(fair, waiting, 0).next()).toBe(first)
  })

  it('does not depend on the order in which shares are told', () => {
    const shares = fc.uniqueArray(fc.constantFrom('a', 'b', 'c/1', 'c/2', 'd'), { minLength: 2 })
    fc.assert(
      fc.property(shares, fc.integer({ min: 1, max: 40 }), (names, picks) => {
        const since = (name: string) => ({ share: name, since: ['d', 'c/2', 'a', 'c/1', 'b'].indexOf(name) })
        const run = (order: string[]) => {
          const walk = new ShareWalk(fairShare(), order.map(since), 0)
          return Array.from({ length: picks }, (_, i) => {
            const share = walk.next()!
            walk.charge(share, vcpus(1), 10_000 + i)
            return share
          })
        }
        expect(run([...names].reverse())).toEqual(run(names))
      }),
    )
  })
})

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
        expect(seen.keyOf('a', 1, now)).toBeCloseTo(unseen.keyOf('a', 1, now), 6)
      }),
    )
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
