import type { TaskSpec } from '../src/core/model/task-spec.ts'

/** The way to one host, whatever carries it. `send` never throws. */
export type HostLink = { send(text: string): void }

/**
 * The port to compute of the host family: someone's machine runs our agent, and attempts are started on it. What
 * launches and retires machines joins this port when an adapter can; hosts that people bring need neither.
 */
export type HostAdapter = {
  /** Tells a host to run attempts; `attempts[].spec` indexes `specs`. Idempotent by attempt id at the host. */
  startAttempts(
    link: HostLink,
    specs: TaskSpec[],
    attempts: { attemptId: string; spec: number; environment: Record<string, string> }[],
  ): void
  /** Tells a host to end attempts. Idempotent. */
  stopAttempts(link: HostLink, attempts: { attemptId: string; reason: string }[]): void
}
