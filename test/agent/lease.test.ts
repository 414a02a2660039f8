import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fenceOf } from '../../src/agent/lease.ts'

describe('fenceOf', () => {
  it('stops a job its own grace and a margin before the lease ends', () => {
    expect(fenceOf({ renewedAt: 1000, leaseMs: 600_000 }, 30_000)).toEqual({
      at: 1000 + 600_000 - 30_000 - 5000,
      graceMs: 30_000,
    })
  })

  it('gives a job at most a quarter of a short lease to end', () => {
    expect(fenceOf({ renewedAt: 0, leaseMs: 2000 }, 30_000)).toEqual({ at: 1300, graceMs: 500 })
  })

  it('always leaves time for the kill', () => {
    const lease = fc.record({ renewedAt: fc.nat(), leaseMs: fc.integer({ min: 100, max: 86_400_000 }) })
    fc.assert(
      fc.property(lease, fc.nat(), (held, graceMs) => {
        const fence = fenceOf(held, graceMs)
        expect(fence.at).toBeGreaterThan(held.renewedAt)
        expect(fence.at + fence.graceMs).toBeLessThan(held.renewedAt + held.leaseMs)
      }),
    )
  })
})
