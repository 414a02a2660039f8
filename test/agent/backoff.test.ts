import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../src/agent/backoff.ts'

describe('backoffMs', () => {
  const backoff = { firstMs: 100, longestMs: 10_000 }

  it('doubles up to the longest wait', () => {
    const waits = [0, 1, 2, 6, 7, 1000].map((attempt) => backoffMs(attempt, 1, backoff))
    expect(waits).toEqual([100, 200, 400, 6400, 10_000, 10_000])
  })

  it('leaves half of the wait to chance', () => {
    expect([0, 0.5, 1].map((chance) => backoffMs(3, chance, backoff))).toEqual([400, 600, 800])
  })
})
