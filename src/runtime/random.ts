/** Identifiers from outside the pure core. */
export type Random = { uuid(): string }

/** The platform's cryptographic source. */
export const systemRandom: Random = { uuid: () => crypto.randomUUID() }
