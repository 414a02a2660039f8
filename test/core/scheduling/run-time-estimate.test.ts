import { describe, expect, it } from 'vitest'
import { RunTimeEstimate } from '../../../src/core/scheduling/run-time-estimate.ts'

const hour = 3_600_000

describe('how long an attempt will run', () => {
  it('is guessed from the last two of its kind', () => {
    const estimate = new RunTimeEstimate()
    expect(estimate.of('a', hour)).toBe(hour)
    estimate.note('a', 1_000)
    expect(estimate.of('a', hour)).toBe(1_000)
    estimate.note('a', 2_000)
    estimate.note('b', 9_000)
    estimate.note('a', 4_000)
    expect([estimate.of('a', hour), estimate.of('b', hour)]).toEqual([3_000, 9_000])
  })

  it('is no more than the time-out allows', () => {
    const estimate = new RunTimeEstimate()
    estimate.note('a', 2_000)
    expect([estimate.of('a', 500), estimate.of('never run', 500)]).toEqual([500, 500])
  })

  it('forgets the kinds that have not run for longest', () => {
    const estimate = new RunTimeEstimate()
    for (let kind = 0; kind <= 1_000; kind++) {
      estimate.note(`${kind}`, kind)
      estimate.note('often', 5)
    }
    expect(estimate.of('0', hour)).toBe(hour)
    expect([estimate.of('often', hour), estimate.of('1000', hour)]).toEqual([5, 1_000])
  })
})
