import { describe, expect, it } from 'vitest'
import { RunTimeEstimate } from '../../../src/core/scheduling/run-time-estimate.ts'

describe('how long an attempt will run', () => {
  it('is guessed from the last two of its kind', () => {
    const estimate = new RunTimeEstimate()
    expect(estimate.of('a')).toBe(Number.POSITIVE_INFINITY)
    estimate.note('a', 1_000)
    expect(estimate.of('a')).toBe(1_000)
    estimate.note('a', 2_000)
    estimate.note('b', 9_000)
    estimate.note('a', 4_000)
    expect([estimate.of('a'), estimate.of('b')]).toEqual([3_000, 9_000])
  })

  it('forgets the kinds that have not run for longest', () => {
    const estimate = new RunTimeEstimate()
    for (let kind = 0; kind <= 1_000; kind++) {
      estimate.note(`${kind}`, kind)
      estimate.note('often', 5)
    }
    expect(estimate.of('0')).toBe(Number.POSITIVE_INFINITY)
    expect([estimate.of('often'), estimate.of('1000')]).toEqual([5, 1_000])
  })
})
