import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createdPolicy } from '../../../src/core/lifecycle/policy-lifecycle.ts'
import type { FairsharePolicy } from '../../../src/core/model/scheduling-policy.ts'
import { pathsTo, shareAttributes, weightOf } from '../../../src/core/scheduling/share-weights.ts'

const policy: FairsharePolicy = {
  shareDistribution: [
    { shareIdentifier: 'physics', weightFactor: 0.125 },
    { shareIdentifier: 'bio*', weightFactor: 2, limits: { runningJobs: 5 } },
    { shareIdentifier: 'physics/ada', weightFactor: 0.5 },
    { shareIdentifier: 'physics/b*', weightFactor: 3 },
    { shareIdentifier: 'lab/*', weightFactor: 4 },
    { shareIdentifier: 'plain' },
  ],
}

describe('weightOf', () => {
  it.each<[string, number[]]>([
    ['physics', [0.125]],
    ['physicsX', [1]],
    ['bio', [2]],
    ['biology', [2]],
    ['bi', [1]],
    ['plain', [1]],
    ['none', [1]],
    ['physics/ada', [0.125, 0.5]],
    ['physics/bob', [0.125, 3]],
    ['physics/carl', [0.125, 1]],
    ['biology/ada', [2, 1]],
    ['lab/anyone', [1, 4]],
    ['lab/anyone/project', [1, 4, 1]],
    ['lab', [1]],
    ['any/ada', [1, 1]],
    ['physics/bob/b', [0.125, 3, 1]],
  ])('of %s is %j', (path, weights) => {
    expect(weightOf(policy, path)).toEqual(weights)
  })

  it('is 1 at every level of a policy that says nothing', () => {
    expect(weightOf({}, 'a/b/c')).toEqual([1, 1, 1])
  })

  it('takes a share that is submitted with a final * by what its entry says', () => {
    expect(weightOf(policy, 'bio*')).toEqual([2])
    expect(weightOf(policy, 'lab/*')).toEqual([1, 4])
  })

  it('does not depend on the order of the entries, since at most one holds at each level', () => {
    const segment = fc.stringMatching(/^[ab]{1,2}$/)
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))
    const entry = fc.tuple(path, fc.constantFrom('', '*')).map(([text, end]) => text + end)
    const entries = fc
      .array(entry, { maxLength: 6 })
      .map((all) => all.map((shareIdentifier, at) => ({ shareIdentifier, weightFactor: at + 2 })))
    fc.assert(
      fc.property(entries, path, (shareDistribution, share) => {
        fc.pre(createdPolicy({ fairsharePolicy: { shareDistribution } }).ok)
        const reversed = { shareDistribution: shareDistribution.toReversed() }
        expect(weightOf({ shareDistribution }, share)).toEqual(weightOf(reversed, share))
      }),
    )
  })
})

describe('shareAttributes', () => {
  it('has the limits of each level', () => {
    expect(shareAttributes(policy, 'biology/ada').map((entry) => entry?.limits)).toEqual([
      { runningJobs: 5 },
      undefined,
    ])
  })
})

describe('pathsTo', () => {
  it('goes from the top of the tree to the share', () => {
    expect(pathsTo('a/b/c')).toEqual(['a', 'a/b', 'a/b/c'])
    expect(pathsTo('a')).toEqual(['a'])
  })
})
