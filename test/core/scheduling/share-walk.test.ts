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

const shares = ['a', 'b', 'c', 'c/1', 'c/2', 'd/1', 'd/1/x']
const share = fc.constantFrom(...shares)
const count = fc.integer({ min: 1, max: 9 })
const round = fc.array(fc.oneof(fc.record({ charge: count }), fc.constant('drop' as const)), {
  maxLength: 20,
})
const change = fc.oneof(
  fc.record({ kind: fc.constant('hold' as const), share, count }),
  fc.record({ kind: fc.constant('release' as const), share }),
  fc.record({ kind: fc.constant('wait' as const), share }),
  fc.record({ kind: fc.constant('leave' as const), share }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 100, 5_000, 70_000) }),
  fc.record({ kind: fc.constant('capacity' as const), count }),
  fc.record({ kind: fc.constant('round' as const), round }),
)

/** What changes while a walk is kept, and what a walk made anew would be made of. */
class Rig {
  readonly fair: FairShare
  private readonly waiting = new Map<string, number>()
  private readonly held = new Map<string, Use[]>()
  private readonly kept: ShareWalk
  private now = 0
  private seq = 0

  constructor(usage: FairsharePolicy['usage']) {
    const shareDistribution = [
      { shareIdentifier: 'a', weightFactor: 0.3 },
      { shareIdentifier: 'c/*', weightFactor: 7 },
    ]
    this.fair = fairShare({ shareDecaySeconds: 60, shareDistribution, ...(usage ? { usage } : {}) })
    this.kept = new ShareWalk(this.fair, [], 0)
    this.fair.listener = this.kept
  }

  apply(step: typeof change extends fc.Arbitrary<infer Step> ? Step : never): void {
    switch (step.kind) {
      case 'hold':
        this.fair.hold(step.share, vcpus(step.count), this.now)
        this.held.set(step.share, [...(this.held.get(step.share) ?? []), vcpus(step.count)])
        return
      case 'release': {
        const use = this.held.get(step.share)?.pop()
        if (use) this.fair.release(step.share, use, this.now)
        return
      }
      case 'wait':
        this.waiting.set(step.share, ++this.seq)
        return this.kept.waits(step.share, this.seq)
      case 'leave':
        this.waiting.delete(step.share)
        return this.kept.waits(step.share, undefined)
      case 'time':
        this.now += step.ms
        return
      case 'capacity':
        this.fair.capacity = { ...capacity, cpuMilli: step.count * 1000 }
        return
      case 'round':
        return this.compare(step.round)
    }
  }

  private compare(steps: ({ charge: number } | 'drop')[]): void {
    const told = [...this.waiting].map(([share, since]) => ({ share, since }))
    const anew = new ShareWalk(this.fair, told, this.now)
    this.kept.restart(this.now)
    for (const step of steps) {
      const share = anew.next()
      expect(this.kept.next()).toBe(share)
      if (share === undefined) return
      this.seq++
      for (const walk of [anew, this.kept])
        if (step === 'drop') walk.drop(share)
        else walk.charge(share, vcpus(step.charge), this.seq)
    }
  }
}

const twoShares = [
  { share: 'a', since: 1 },
  { share: 'b', since: 2 },
]

/** One turn of each share. */
function turns(walk: ShareWalk): string[] {
  const found: string[] = []
  for (let share = walk.next(); share !== undefined; share = walk.next()) {
    found.push(share)
    walk.drop(share)
  }
  return found
}

describe('the place of a share', () => {
  it('is that of its turn, where no two levels stand alike', () => {
    // No two sums of these are equal.
    const powers = [1, 2, 4, 8, 16, 32, 64, 128]
    const held = fc.shuffledSubarray(powers, { minLength: powers.length })
    fc.assert(
      fc.property(
        held,
        fc.subarray(['a', 'b/1', 'b/2', 'b', 'c/1/x', 'c/1/y', 'c/2', 'd']),
        (uses, waiting) => {
          const fair = fairShare()
          for (const [i, share] of ['a', 'b/1', 'b/2', 'b', 'c/1/x', 'c/1/y', 'c/2', 'd'].entries())
            fair.hold(share, vcpus(uses[i]!), 0)
          const walk = new ShareWalk(
            fair,
            waiting.map((share, since) => ({ share, since })),
            0,
          )
          const found = new Map(waiting.map((share) => [share, walk.rankOf(share)]))
          expect(walk.rankOf('e')).toBe(waiting.length + 1)
          expect(turns(walk).map((share) => found.get(share))).toEqual(waiting.map((_, i) => i + 1))
        },
      ),
    )
  })
})

describe('a walk that is kept', () => {
  it('gives at every step the very turns of one made anew', () => {
    const usage = fc.constantFrom(undefined, 'DOMINANT' as const, 'COST' as const)
    fc.assert(
      fc.property(usage, fc.array(change, { maxLength: 60 }), (usage, steps) => {
        const rig = new Rig(usage)
        for (const step of steps) rig.apply(step)
        rig.apply({ kind: 'round', round: shares.map(() => 'drop') })
      }),
      { numRuns: 1_000 },
    )
  })

  it('has what was dropped back in the next round, and counts no more what was charged', () => {
    const walk = new ShareWalk(fairShare(), twoShares, 0)
    walk.drop('b')
    walk.charge('a', vcpus(1), 3)
    expect(walk.next()).toBe('a')
    walk.restart(0)
    expect(turns(walk)).toEqual(['a', 'b'])
  })

  it('has who joins for one round', () => {
    const walk = new ShareWalk(fairShare(), twoShares, 0)
    walk.join('c/1', 0)
    walk.join('b', 0.5)
    expect(turns(walk)).toEqual(['c/1', 'b', 'a'])
    walk.restart(0)
    expect(turns(walk)).toEqual(['a', 'b'])
  })
})
