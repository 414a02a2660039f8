import type { Lease } from './ports.ts'

const longestMarginMs = 5000

/**
 * When to begin stopping an attempt so that it is dead before the host's lease runs out, and how long it may take to
 * end: its own grace, but at most a quarter of the lease; what is left of the lease after that is margin for the kill.
 */
export function fenceOf(lease: Lease, stopGraceMs: number): { at: number; graceMs: number } {
  const graceMs = Math.min(stopGraceMs, Math.floor(lease.leaseMs / 4))
  const marginMs = Math.min(longestMarginMs, Math.ceil(lease.leaseMs / 10))
  return { at: lease.renewedAt + lease.leaseMs - marginMs - graceMs, graceMs }
}
