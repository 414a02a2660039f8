import type { AttemptReport, EndCause } from '../core/model/attempt.ts'
import type { Account } from '../core/model/deployment.ts'
import type { TaskSpec } from '../core/model/task-spec.ts'
import type { AgentMessage } from '../protocol/agent-protocol.ts'

/** An attempt as the agent accepted it. */
export type AcceptedAttempt = {
  attemptId: string
  spec: TaskSpec
  /** What the attempt has beyond its spec's environment. */
  environment: Record<string, string>
  /** Which of the host's GPUs it gets. */
  cards?: number[]
  /** The deployment that placed it: another one's attempts are not this one's to settle. */
  deployment: string
  /** What that deployment is called in ARNs; not noted by agents of an earlier layout. */
  account?: Account
}

export type EndedReport = AttemptReport & { kind: 'ended' }

/** An attempt as the agent knows it; one that is erased is no longer known. */
export type KnownAttempt = { attempt: AcceptedAttempt } & (
  | { state: 'starting' }
  | { state: 'running'; startedAt: number }
  | { state: 'ended'; report: EndedReport }
)

/** What a runtime found when the agent started. `accepted`: it certainly never ran, so it may be started. */
export type RecoveredAttempt = KnownAttempt | { attempt: AcceptedAttempt; state: 'accepted' }

/** Causes for which the agent ends an attempt that has not ended by itself. */
export type StopCause = Extract<EndCause, 'stopped' | 'timed-out' | 'host-failed'>

/** The open connection. What is sent while none is open is dropped. */
export type Link = { send(message: AgentMessage): void }

/** How a runtime tells what became of an attempt: `started` at most once, `ended` exactly once, in this order. */
export type RuntimeListener = {
  started(attemptId: string, startedAt: number): void
  ended(report: EndedReport): void
}

/** Runs attempts. Nothing here throws or waits; the listener hears what became of it. */
export type Runtime = {
  /** Attempts of an earlier life of this agent. Called once, before anything else. */
  recover(listener: RuntimeListener): RecoveredAttempt[]
  start(attempt: AcceptedAttempt): void
  /** A recovered attempt is still this host's to run: what is left of it may be started. */
  resume(attemptId: string): void
  /**
   * SIGTERM now, SIGKILL after `graceMs`. The first cause given is the one that is reported; a later call can only
   * bring the SIGKILL forward. An attempt that is not running is left as it is.
   */
  stop(attemptId: string, cause: StopCause, graceMs: number): void
  /** The end of it is recorded elsewhere: erases it as soon as all its output is delivered. */
  forget(attemptId: string): void
  /** Stops and erases it, output and all, without another word. */
  disown(attemptId: string): void
}

/** The container images that the host has. `current` is the same array until they have changed; `refresh` looks anew, later. */
export type ImageList = { current(): readonly string[]; refresh(): void }

/** Ships the output of attempts while the environment listens. */
export type LogLink = { opened(): void; settled(id: number): void; closed(): void }

/** The last acknowledged renewal of the host's lease. */
export type Lease = { renewedAt: number; leaseMs: number }

/** What outlives the agent besides its attempts. */
export type Journal = { lease(): Lease | undefined; saveLease(lease: Lease): void }
