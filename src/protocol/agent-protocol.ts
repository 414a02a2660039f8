import * as z from 'zod'
import type { AttemptReport, HeldAttempt } from '../core/model/attempt.ts'
import type { ContainerSpec } from '../core/model/container-spec.ts'
import type { HostOffer } from '../core/model/environment.ts'
import type { LogBatch } from '../core/model/log.ts'

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
 *  4. The agent sends the bare text `ping` every `heartbeatMs`; the platform answers `pong` without waking
 *     the environment. Each pong renews the host's lease: the agent counts from when it sent that ping,
 *     the environment from when it saw it, so the agent's clock always runs out first.
 *
 * A message on a socket that has been replaced is ignored by both sides.
 */
export const agentProtocolVersion = 1
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
    }
  | { type: 'reports'; reports: AttemptReport[] }
  /** `id` counts up from 1 on each connection; answered by `logs-settled` once stored durably. */
  | { type: 'logs'; id: number; batches: LogBatch[] }

export type StartAttempt = {
  attemptId: string
  /** Index into the message's `specs`. */
  spec: number
  /** What this attempt has beyond its spec's environment: AWS_BATCH_JOB_ID and its like. */
  environment: Record<string, string>
}

export type EnvironmentMessage =
  | {
      type: 'welcome'
      /** The deployment's own mark: attempts of another deployment are not this one's to settle. */
      deployment: string
      environment: string
      leaseMs: number
      heartbeatMs: number
      stop: StopAttempt[]
      forget: string[]
    }
  /** Say `hello` again on this socket. */
  | { type: 'identify' }
  | { type: 'start'; specs: ContainerSpec[]; attempts: StartAttempt[] }
  | { type: 'stop'; attempts: StopAttempt[] }
  /** These ended attempts are recorded for good; the agent may erase them. */
  | { type: 'settled'; attemptIds: string[] }
  | { type: 'logs-settled'; id: number }
  /** The connection ends here; the agent does not try again with the same words. */
  | { type: 'refused'; code: string; message: string }

export type StopAttempt = { attemptId: string; reason: string }

const attemptId = z.string().regex(/^[0-9a-f]{32}$/)
const instant = z.number().int().nonnegative()
const ended = z.object({
  attemptId,
  kind: z.literal('ended'),
  cause: z.enum(['exited', 'start-failed', 'timed-out', 'stopped', 'host-failed']),
  startedAt: instant.optional(),
  stoppedAt: instant,
  exitCode: z.number().int().optional(),
  reason: z.string().max(255).optional(),
})
const report = z.discriminatedUnion('kind', [
  z.object({ attemptId, kind: z.literal('started'), startedAt: instant }),
  ended,
])
const count = z.number().int().nonnegative()
const agentMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    instanceId: z.string().regex(/^[0-9a-f]{32}$/),
    offer: z.object({
      resources: z.object({ cpuMilli: count, memoryMiB: count, gpus: count }),
      architecture: z.enum(['X86_64', 'ARM64']),
      labels: z.record(z.string(), z.string()),
      runtime: z.enum(['docker', 'process']),
      hostname: z.string().max(255),
      privateIpv4Address: z.string().max(15).optional(),
    }),
    attempts: z.array(
      z.discriminatedUnion('state', [
        z.object({ attemptId, state: z.literal('starting') }),
        z.object({ attemptId, state: z.literal('running'), startedAt: instant }),
        z.object({ attemptId, state: z.literal('ended'), report: ended }),
      ]),
    ),
  }),
  z.object({ type: z.literal('reports'), reports: z.array(report) }),
  z.object({
    type: z.literal('logs'),
    id: count,
    batches: z.array(
      z.object({
        group: z.string().min(1).max(512),
        stream: z.string().min(1).max(512),
        first: count,
        events: z.array(z.tuple([instant, z.string()])),
      }),
    ),
  }),
])

/** Parses what came in on an agent's socket; the error text names the member that is wrong. */
export function parseAgentMessage(
  text: string,
): { ok: true; message: AgentMessage } | { ok: false; error: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, error: 'not JSON' }
  }
  const parsed = agentMessage.safeParse(json)
  if (parsed.success) return { ok: true, message: parsed.data as AgentMessage }
  const issue = parsed.error.issues[0]
  return { ok: false, error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}` }
}
