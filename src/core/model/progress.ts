import { present } from '../assert.ts'
import type { ContainerResult } from './attempt.ts'
import { type JobState, jobStates } from './job.ts'

/** Where an attempt was placed. `environment` is the compute environment's number. */
export type Where = {
  environment: number
  instanceId: string
  runtime: 'docker' | 'process'
  /** Nodes of multi-node parallel jobs only: where their peers find them. */
  privateIpv4Address?: string
}

export type EndedAttempt = Where & {
  startedAt?: number
  stoppedAt: number
  exitCode?: number
  reason?: string
  statusReason: string
  /** It had to make room: it counts for no retry rule. */
  preempted?: true
  /** Of a task of several containers, in the order of its containers. */
  containers?: ContainerResult[]
}

/**
 * How far a job, or one child of an array, has come. Both live by the same rules
 * (`core/lifecycle/job-lifecycle.ts`). The next attempt's number is `attempts.length + 1`, whether they count or not.
 */
export type Progress = {
  state: JobState
  attempts: EndedAttempt[]
  /** The try in progress: STARTING or RUNNING only. */
  current?: Where & { startedAt?: number }
  statusReason?: string
  /** When it reached its end. */
  stoppedAt?: number
  /** A client's wish to end it, kept for good once accepted. */
  stop?: StopRequest
}

export type StopRequest = { kind: 'cancel' | 'terminate'; reason: string }

type Nullable<Value> = Value | null
type PackedAttempt = [
  environment: number,
  instanceId: string,
  /** 1: it ran as a process; 2: it was preempted. */
  flags: number,
  startedAt: Nullable<number>,
  stoppedAt: Nullable<number>,
  exitCode: Nullable<number>,
  statusReason: Nullable<string>,
  reason: Nullable<string>,
  privateIpv4Address?: Nullable<string>,
  /** Only where a task has several containers. */
  containers?: PackedResult[],
]
type PackedResult = [exitCode: Nullable<number>, reason?: string]
/** Trailing nulls are left away. */
export type PackedProgress = [
  state: number,
  attempts: PackedAttempt[],
  current?: Nullable<PackedAttempt>,
  statusReason?: Nullable<string>,
  stoppedAt?: Nullable<number>,
  stop?: Nullable<[0 | 1, string]>,
]

const asProcess = 1
const preemptedFlag = 2

export const normalExit = 'Essential container in task exited'

/** A short JSON-ready tuple: about 60 bytes for a job that ran once. */
export function packProgress(progress: Progress): PackedProgress {
  const { current, stop } = progress
  const packed: PackedProgress = [
    jobStates.indexOf(progress.state),
    progress.attempts.map(packAttempt),
    current ? packAttempt(current) : null,
    packReason(progress.statusReason),
    progress.stoppedAt ?? null,
    stop ? [stop.kind === 'cancel' ? 0 : 1, stop.reason] : null,
  ]
  while (packed.length > 2 && packed.at(-1) === null) packed.pop()
  return packed
}

export function unpackProgress(packed: PackedProgress): Progress {
  const [state, attempts, current, statusReason, stoppedAt, stop] = packed
  return {
    state: present(jobStates[state], 'job state'),
    attempts: attempts.map((attempt) => unpackAttempt(attempt) as EndedAttempt),
    ...(current ? { current: unpackAttempt(current) } : {}),
    ...(statusReason != null ? { statusReason: unpackReason(statusReason) } : {}),
    ...(stoppedAt != null ? { stoppedAt } : {}),
    ...(stop ? { stop: { kind: stop[0] === 0 ? 'cancel' : 'terminate', reason: stop[1] } } : {}),
  }
}

function packAttempt(attempt: Where & Partial<EndedAttempt>): PackedAttempt {
  const packed: PackedAttempt = [
    attempt.environment,
    attempt.instanceId,
    (attempt.runtime === 'process' ? asProcess : 0) | (attempt.preempted ? preemptedFlag : 0),
    attempt.startedAt ?? null,
    attempt.stoppedAt ?? null,
    attempt.exitCode ?? null,
    packReason(attempt.statusReason),
    attempt.reason ?? null,
  ]
  const { privateIpv4Address, containers } = attempt
  if (privateIpv4Address !== undefined || containers) packed.push(privateIpv4Address ?? null)
  if (containers) packed.push(containers.map(packResult))
  return packed
}

function unpackAttempt(packed: PackedAttempt): Where & Partial<EndedAttempt> {
  const [environment, instanceId, flags, startedAt, stoppedAt, exitCode, statusReason, reason, ...rest] =
    packed
  const [address, containers] = rest
  return {
    environment,
    instanceId,
    runtime: flags & asProcess ? 'process' : 'docker',
    ...(startedAt !== null ? { startedAt } : {}),
    ...(stoppedAt !== null ? { stoppedAt } : {}),
    ...(exitCode !== null ? { exitCode } : {}),
    ...(statusReason !== null ? { statusReason: unpackReason(statusReason) } : {}),
    ...(reason !== null ? { reason } : {}),
    ...(flags & preemptedFlag ? { preempted: true } : {}),
    ...(address != null ? { privateIpv4Address: address } : {}),
    ...(containers ? { containers: containers.map(unpackResult) } : {}),
  }
}

function packResult({ exitCode, reason }: ContainerResult): PackedResult {
  return reason === undefined ? [exitCode ?? null] : [exitCode ?? null, reason]
}

function unpackResult([exitCode, reason]: PackedResult): ContainerResult {
  return {
    ...(exitCode !== null ? { exitCode } : {}),
    ...(reason !== undefined ? { reason } : {}),
  }
}

/** The commonest reason is stored as the empty text, which no reason is. */
function packReason(reason: string | undefined): string | null {
  if (reason === undefined) return null
  return reason === normalExit ? '' : reason
}

function unpackReason(packed: string): string {
  return packed === '' ? normalExit : packed
}
