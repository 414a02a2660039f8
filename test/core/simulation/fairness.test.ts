import { describe, expect, it } from 'vitest'
import { measureFairness } from '../../../src/core/simulation/fairness.ts'
import { processorsOf } from '../../../src/core/simulation/machine.ts'
import { aTrace } from './trace-builders.ts'

const options = { capacity: 2, sizeOf: processorsOf, windowMs: 10_000 }
const jobs = aTrace({ share: 'a' }, { share: 'a' }, { share: 'b' }, { share: 'b' })

describe('measureFairness', () => {
  it('is 0 where each share has what water-filling gives it', () => {
    expect(measureFairness(jobs, [0, 10_000, 0, 10_000], options).misallocation).toBe(0)
  })

  it('is a half where one of two has everything while both want it', () => {
    // From 0 to 10 s a has both; then b may have both, which is no more than is wanted.
    expect(measureFairness(jobs, [0, 0, 10_000, 10_000], options)).toEqual({
      misallocation: 0.5,
      windows: [0.5, undefined, undefined],
      overWindows: 0.5,
    })
  })

  it('forgives within a window what one share has before the other', () => {
    const four = aTrace(...['a', 'a', 'b', 'b', 'a', 'b'].map((share) => ({ share })))
    const starts = [0, 0, 10_000, 10_000, 20_000, 20_000]
    const { misallocation, overWindows } = measureFairness(four, starts, { ...options, windowMs: 20_000 })
    expect(misallocation).toBe(0.5)
    expect(overWindows).toBe(0)
  })

  it('goes by weights', () => {
    const three = aTrace(...['a', 'b', 'a', 'b', 'a', 'b'].map((share) => ({ share })))
    const weightOf = (share: string) => (share === 'a' ? 2 : 1)
    const starts = [0, 0, 0, 10_000, 10_000, 10_000]
    const { windows } = measureFairness(three, starts, { ...options, capacity: 3, weightOf })
    expect(windows[0]).toBe(0)
  })

  it('says nothing of time in which there is enough', () => {
    expect(measureFairness(aTrace({ share: 'a' }), [0], options).misallocation).toBeUndefined()
  })
})
