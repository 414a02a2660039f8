/**
 * A host's lease, from the environment's side. It is renewed by every sign of life; a host silent for a whole lease is
 * lost. The agent counts from when it sent the ping that was answered, so its own clock always runs out first.
 */
export type LeaseState =
  | { kind: 'held'; expiresAt: number }
  | { kind: 'lost' }
  /** The lease ran out while nobody was there to see a renewal: the host gets a whole new one. */
  | { kind: 'renewed'; expiresAt: number }

/** How late the check of a lease may come before it proves that the server itself was away, milliseconds. */
export const lateCheckMs = 5_000

/** Judges a lease at `now`. `upSince`: since when this server process has been watching. */
export function judgeLease(expiresAt: number, leaseMs: number, now: number, upSince: number): LeaseState {
  if (now < expiresAt) return { kind: 'held', expiresAt }
  const wasAway = upSince > expiresAt && now > expiresAt + lateCheckMs
  return wasAway ? { kind: 'renewed', expiresAt: upSince + leaseMs } : { kind: 'lost' }
}
