import type { HeldPlacement } from '../environment/environment-rpc.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'

/** `held`: what an environment holds. `reported`: attempts that it has reported on meanwhile, more of them as time goes on. */
type Adopt = (environment: number, held: HeldPlacement[], reported: ReadonlySet<string>) => Promise<void>

/**
 * A queue's conversations with its environments. Each begins with what the environment holds for the queue. The answer
 * to a call may be overtaken by a report, which then counts.
 */
export class EnvironmentSessions {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly adopt: Adopt
  private readonly sessions = new Map<number, string>()
  /** Requests for a session under way. */
  private readonly opening = new Map<number, Promise<void>>()
  /** For each call under way, the attempts reported on meanwhile: what its answer says of them is out of date. */
  private readonly reportedMeanwhile = new Set<Set<string>>()

  /** `adopt` is told of the placements found when a session opens. */
  constructor(ports: QueuePorts, state: QueueState, adopt: Adopt) {
    this.ports = ports
    this.state = state
    this.adopt = adopt
  }

  /** Opens a session with every environment that has none, those that may hold attempts from before included: after this, memory knows what is placed. */
  async open(): Promise<void> {
    for (const number of this.holders()) if (!this.sessions.has(number)) await this.openOne(number)
  }

  /** Whether memory knows what is placed. */
  get allOpen(): boolean {
    return this.holders().every((number) => this.sessions.has(number))
  }

  /** The open session with an environment; empty when there is none. */
  of(environment: number): string {
    return this.sessions.get(environment) ?? ''
  }

  /** The environment does not know the session any more. */
  drop(environment: number): void {
    this.sessions.delete(environment)
  }

  dropAll(): void {
    this.sessions.clear()
  }

  /** Attempts of which an environment has just told what became of them. */
  noteReports(attemptIds: string[]): void {
    for (const reported of this.reportedMeanwhile) for (const attemptId of attemptIds) reported.add(attemptId)
  }

  /** A call's answer, with the attempts that were reported on while it was under way. */
  watchReports<Answer>(call: Promise<Answer>): Promise<[Answer, Set<string>]> {
    return this.watching(async (reported) => [await call, reported])
  }

  private async watching<Result>(work: (reported: Set<string>) => Promise<Result>): Promise<Result> {
    const reported = new Set<string>()
    this.reportedMeanwhile.add(reported)
    try {
      return await work(reported)
    } finally {
      this.reportedMeanwhile.delete(reported)
    }
  }

  /** The environments that may hold attempts of this queue. */
  private holders(): number[] {
    return [...this.state.config.environments.map(({ number }) => number), ...this.state.former.mayHold()]
  }

  /** One at a time for each environment: a second one would make the first stale. */
  private openOne(environment: number): Promise<void> {
    const known = this.opening.get(environment)
    if (known) return known
    const opening = this.ask(environment).finally(() => this.opening.delete(environment))
    this.opening.set(environment, opening)
    return opening
  }

  /** The session counts as open when all that was placed is known. */
  private ask(environment: number): Promise<void> {
    return this.watching(async (reported) => {
      const { hostWait, allocations, former, config } = this.state
      const opened = await this.ports.environment(environment).openSession(config.number)
      hostWait.note(environment, opened.standing)
      allocations.noteCapacity(environment, opened.capacity)
      if (opened.held.length === 0) former.holdsNothing(environment)
      await this.adopt(environment, opened.held, reported)
      this.sessions.set(environment, opened.session)
    })
  }
}
