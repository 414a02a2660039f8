import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import { FairShare } from '../../../src/core/scheduling/fair-share.ts'
import { Reclaims } from '../../../src/core/scheduling/reclaims.ts'

describe('Reclaims', () => {
  it('says who has too much by how much, and lets asks take up to what their share is entitled to', () => {
    const holds = new Map([
      ['a', 6],
      ['b', 1],
    ])
    const reclaims = new Reclaims(new FairShare({}, noResources), holds, new Set(['b', 'c']), 8)
    expect([...reclaims.excess]).toEqual([['a', expect.closeTo(6 - 8 / 3)]])
    expect([1, 1, 1].map((cost) => reclaims.take('b', cost))).toEqual([true, false, false])
    expect([1, 1, 1].map((cost) => reclaims.take('c', cost))).toEqual([true, true, false])
  })
})
