import { describe, expect, it } from 'vitest'
import { judgeLease, lateCheckMs } from '../../../src/core/lifecycle/host-lease.ts'

const leaseMs = 60_000
const expiresAt = 1_000_000

describe('judgeLease', () => {
  it('holds a lease until the moment it runs out', () => {
    expect(judgeLease(expiresAt, leaseMs, expiresAt - 1, 0)).toEqual({ kind: 'held', expiresAt })
  })

  it('loses the host from that moment on', () => {
    expect(judgeLease(expiresAt, leaseMs, expiresAt, 0)).toEqual({ kind: 'lost' })
    expect(judgeLease(expiresAt, leaseMs, expiresAt + 10 * leaseMs, 0)).toEqual({ kind: 'lost' })
  })

  it('gives a whole new lease where the server itself was away when it ran out', () => {
    const upSince = expiresAt + lateCheckMs
    expect(judgeLease(expiresAt, leaseMs, upSince + 1, upSince)).toEqual({
      kind: 'renewed',
      expiresAt: upSince + leaseMs,
    })
  })

  it('does not take an object that woke for the check itself for a server that was away', () => {
    const upSince = expiresAt + 3
    expect(judgeLease(expiresAt, leaseMs, expiresAt + lateCheckMs, upSince)).toEqual({ kind: 'lost' })
  })

  it('loses a host whose lease ran out after the server came back', () => {
    expect(judgeLease(expiresAt, leaseMs, expiresAt + 2 * lateCheckMs, expiresAt - 1)).toEqual({
      kind: 'lost',
    })
  })
})
