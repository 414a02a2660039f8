import type { EnvironmentMessage, StartAttempt } from '../../src/protocol/agent-protocol.ts'
import type { HostAdapter, HostLink } from '../adapter.ts'

/** Hosts that people bring: they run the agent and are spoken to over its socket. */
export const hostAgentAdapter: HostAdapter = {
  startAttempts(link, specs, attempts) {
    // Only the specs this host needs travel to it.
    const needed = [...new Set(attempts.map(({ spec }) => spec))]
    const numbers = new Map(needed.map((spec, number) => [spec, number]))
    const starts: StartAttempt[] = attempts.map((attempt) => ({
      ...attempt,
      spec: numbers.get(attempt.spec)!,
    }))
    say(link, { type: 'start', specs: needed.map((spec) => specs[spec]!), attempts: starts })
  },
  stopAttempts(link, attempts) {
    say(link, { type: 'stop', attempts })
  },
}

/** Sends one message of the agent protocol. */
export function say(link: HostLink, message: EnvironmentMessage): void {
  link.send(JSON.stringify(message))
}
