/** Epoch milliseconds from outside the pure core. */
export type Clock = { now(): number }

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Work that follows later in the same process. Nothing durable hangs on it: what must survive a crash has a timer or
 * an outbox row besides.
 */
export type Scheduler = {
  /** Runs `task` after `delayMs` (0: next turn of the event loop). A rejected or throwing task is reported, never lost silently. */
  later(delayMs: number, task: () => void | Promise<void>): void
}
