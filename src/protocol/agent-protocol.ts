import type { AttemptReport, HeldAttempt } from '../core/model/attempt.ts'
import type { Account } from '../core/model/deployment.ts'
import type { HostOffer } from '../core/model/environment.ts'
import type { LogBatch } from '../core/model/log.ts'
import type { TaskSpec } from '../core/model/task-spec.ts'

/**
 * What an agent and its compute environment say to each other over one WebSocket
 * (`GET /agent/v1/environments/{name}/connect`, `Authorization: Bearer <agent token>`), as JSON text messages.
 *
 *  1. The agent opens the socket and says `hello`: who it is, what it offers, every attempt it holds.
 *  2. The environment answers `welcome`: what to keep running is implied; `stop` names what must not run,
 *     `forget` what it may erase because it is settled. Until then the agent reports nothing else.
 *     `identify` asks for a new `hello` on the same socket (the environment has lost its memory of it).
 *  3. `start`, `stop` flow down; `reports`, `logs` flow up. An `ended` report is repeated on every
 *     connection (inside `hello`) until `settled` names it; log batches until `logs-settled`.
 *     `images` of `hello` and of `reports` are the container images that the host has, where the agent knows: up to
 *     `limits.hostImages`, in the form of `familiarImage`, all of them each time they have changed. A side that has not
 *     heard of this member leaves it out or takes no notice of it.
 *  4. The agent sends the bare text `ping` every `heartbeatMs`; the platform answers `pong` without waking
 *     the environment. Each pong renews the host's lease: the agent counts from when it sent that ping,
 *     the environment from when it saw it, so the agent's clock always runs out first.
 *
 * A message on a socket that has been replaced is ignored by both sides.
 */
export const agentProtocolVersion = 3
export const heartbeatRequest = 'ping'
export const heartbeatResponse = 'pong'

export type AgentMessage =
  | {
      type: 'hello'
      protocol: number
      /** Made once with the agent's data directory: a new directory is a new host. 32 hex digits. */
      instanceId: string
      offer: HostOffer
      attempts: HeldAttempt[]
      images?: readonly string[]
    }
  | { type: 'reports'; reports: AttemptReport[]; images?: readonly string[] }
  /** `id` counts up over the life of the agent's process; answered by `logs-settled` once stored durably. */
  | { type: 'logs'; id: number; batches: LogBatch[] }

export type StartAttempt = {
  attemptId: string
  /** Index into the message's `specs`. */
  spec: number
  /** What this attempt has beyond its spec's environment: AWS_BATCH_JOB_ID and its like. */
  environment: Record<string, string>
  /** Which of the host's GPUs it gets, by their order on the host; absent where it wants none. */
  cards?: number[]
}

export type EnvironmentMessage =
  | {
      type: 'welcome'
      /** The deployment's own mark: attempts of another deployment are not this one's to settle. */
      deployment: string
      /** What it is called in ARNs. */
      account: Account
      environment: string
      leaseMs: number
      heartbeatMs: number
      stop: StopAttempt[]
      forget: string[]
    }
  /** Say `hello` again on this socket. */
  | { type: 'identify' }
  | { type: 'start'; specs: TaskSpec[]; attempts: StartAttempt[] }
  | { type: 'stop'; attempts: StopAttempt[] }
  /** These ended attempts are recorded for good; the agent may erase them. */
  | { type: 'settled'; attemptIds: string[] }
  | { type: 'logs-settled'; id: number }
  /** The connection ends here; the agent does not try again with the same words. */
  | { type: 'refused'; code: string; message: string }

export type StopAttempt = { attemptId: string; reason: string }
