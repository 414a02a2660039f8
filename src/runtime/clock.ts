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

/** Lets what else waits in this process have its turn: a long task stops for it between two slices. */
export function nextTurn(scheduler: Scheduler): Promise<void> {
  return new Promise((resolve) => scheduler.later(0, resolve))
}
