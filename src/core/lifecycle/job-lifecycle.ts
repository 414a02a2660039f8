import { limits } from '../limits.ts'
import type { ContainerResult, EndCause } from '../model/attempt.ts'
import { isTerminal, type JobState } from '../model/job.ts'
import type { RetryStrategy } from '../model/job-definition.ts'
import {
  type EndedAttempt,
  normalExit,
  type Progress,
  type StopRequest,
  type Where,
} from '../model/progress.ts'
import { decideRetry } from './retry-rules.ts'

/**
 * The state machine of a job and of an array child. Every function takes the present progress and returns the
 * next one, or the very same object where the event changes nothing (late, repeated, or not for this state).
 *
 *                        dependencies met                placed               started
 *   SUBMITTED ─► PENDING ───────────────► RUNNABLE ────────────► STARTING ──────────► RUNNING
 *                   │                      │  ▲  ▲   unplaced ◄────┘ │                   │
 *      dependency   │     cancel/terminate │  │  └───────────────────┴─── retry ─────────┤
 *      failed ──────┴──────────► FAILED ◄──┘  └                                          ▼
 *                                  ▲────────────────────────────────────── SUCCEEDED / FAILED
 */
export const transitions: Record<JobState, readonly JobState[]> = {
  SUBMITTED: ['PENDING', 'RUNNABLE', 'FAILED'],
  PENDING: ['RUNNABLE', 'SUCCEEDED', 'FAILED'],
  RUNNABLE: ['STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'],
  STARTING: ['RUNNABLE', 'RUNNING', 'SUCCEEDED', 'FAILED'],
  RUNNING: ['RUNNABLE', 'SUCCEEDED', 'FAILED'],
  SUCCEEDED: [],
  FAILED: [],
}

export const reasons = {
  dependencyFailed: 'Dependent Job failed',
  /** Longshore's own, as there is no AFTER_FAILURE on AWS. */
  dependencySucceeded: 'Dependent Job succeeded: this job runs only after its failure',
  tooManyTags: `Tags of the job and of its definition must be at most ${limits.tagsPerResource} together to be propagated`,
  overridesTooLong: `Container Overrides length must be at most ${limits.containerOverridesLength}`,
  startFailed: 'Task failed to start',
  timedOut: 'Job attempt duration exceeded timeout',
  arrayChildFailed: 'Array Child Job failed',
  mainNodeEnded: 'The main node of the job has ended',
  hostTerminated: (instanceId: string) => `Host EC2 (instance ${instanceId}) terminated.`,
}

/** The number of the attempt in progress, or of the next one. */
export function attemptNumber(progress: Progress): number {
  return progress.attempts.length + 1
}

export function dependenciesMet(progress: Progress): Progress {
  return progress.state === 'PENDING' || progress.state === 'SUBMITTED'
    ? { ...progress, state: 'RUNNABLE' }
    : progress
}

/** Ends a job that has not been placed; used for failed dependencies and accepted stop requests alike. */
export function endUnplaced(progress: Progress, statusReason: string, now: number): Progress {
  if (isTerminal(progress.state) || progress.state === 'STARTING' || progress.state === 'RUNNING')
    return progress
  return { ...progress, state: 'FAILED', statusReason, stoppedAt: now }
}

export function placed(progress: Progress, where: Where): Progress {
  if (progress.state !== 'RUNNABLE') return progress
  const { statusReason: _, ...rest } = progress
  return { ...rest, state: 'STARTING', current: { ...where } }
}

/** The placement came to nothing before the attempt started: it does not count, the job waits again. */
export function unplaced(progress: Progress, now: number): Progress {
  if (progress.state !== 'STARTING') return progress
  const { current: _, ...rest } = progress
  const waiting: Progress = { ...rest, state: 'RUNNABLE' }
  return waiting.stop ? endUnplaced(waiting, waiting.stop.reason, now) : waiting
}

/** `where` is what the report says, since a restarted queue may hear of an attempt before it has asked about it. */
export function started(progress: Progress, where: Where, startedAt: number): Progress {
  if (progress.state !== 'STARTING' && progress.state !== 'RUNNABLE') return progress
  const { statusReason: _, ...rest } = progress
  return { ...rest, state: 'RUNNING', current: { ...where, startedAt } }
}

export type AttemptEnd = {
  cause: EndCause | 'host-lost'
  startedAt?: number
  stoppedAt: number
  exitCode?: number
  reason?: string
  containers?: ContainerResult[]
  /** It had been told to make room, and why. */
  preempted?: string
}

/**
 * Records the end of the attempt in progress and decides what follows: success, another attempt, or failure. A preempted one
 * is kept, so that no attempt's number is given twice, and is followed by another whatever the retry rules say.
 */
export function ended(progress: Progress, where: Where, end: AttemptEnd, retry: RetryStrategy): Progress {
  if (isTerminal(progress.state) || progress.state === 'SUBMITTED' || progress.state === 'PENDING')
    return progress
  const attempt = endedAttempt(progress, where, end)
  const { current: _, statusReason: __, ...rest } = progress
  const next = { ...rest, attempts: [...progress.attempts, attempt] }
  const over = { statusReason: attempt.statusReason, stoppedAt: end.stoppedAt }
  if (end.cause === 'exited' && end.exitCode === 0) return { ...next, ...over, state: 'SUCCEEDED' }
  if (progress.stop) return { ...next, ...over, state: 'FAILED', statusReason: progress.stop.reason }
  if (attempt.preempted) return { ...next, state: 'RUNNABLE' }
  const mayRetry = end.cause !== 'timed-out' && end.cause !== 'stopped'
  const used = next.attempts.filter(({ preempted }) => !preempted).length
  if (mayRetry && decideRetry(retry, used, attempt)) return { ...next, state: 'RUNNABLE' }
  return { ...next, ...over, state: 'FAILED' }
}

/** How an attempt ended, as it is kept. */
export function endedAttempt(progress: Progress, where: Where, end: AttemptEnd): EndedAttempt {
  const startedAt = end.startedAt ?? progress.current?.startedAt
  return {
    environment: where.environment,
    instanceId: where.instanceId,
    runtime: where.runtime,
    ...(where.privateIpv4Address !== undefined ? { privateIpv4Address: where.privateIpv4Address } : {}),
    ...(startedAt !== undefined ? { startedAt } : {}),
    stoppedAt: end.stoppedAt,
    ...(end.exitCode !== undefined ? { exitCode: end.exitCode } : {}),
    ...(end.reason !== undefined ? { reason: end.reason } : {}),
    statusReason: statusReasonOf(progress, where, end),
    ...(isPreempted(progress, end) ? { preempted: true } : {}),
    ...(end.containers !== undefined ? { containers: end.containers } : {}),
  }
}

/** What ended by itself before it heard that it must make room, or was to end for good, counts as what it was. */
function isPreempted({ stop }: Progress, { cause, preempted }: AttemptEnd): boolean {
  const byItself = cause === 'exited' || cause === 'start-failed' || cause === 'timed-out'
  return preempted !== undefined && !stop && !byItself
}

function statusReasonOf(progress: Progress, where: Where, end: AttemptEnd): string {
  if (isPreempted(progress, end)) return end.preempted!
  switch (end.cause) {
    case 'exited':
      return normalExit
    case 'start-failed':
      return reasons.startFailed
    case 'timed-out':
      return reasons.timedOut
    case 'stopped':
      return progress.stop?.reason ?? normalExit
    case 'host-failed':
    case 'host-lost':
      return reasons.hostTerminated(where.instanceId)
  }
}

/**
 * A client's cancel or terminate. Not placed yet: it ends at once. STARTING or RUNNING: a cancel has no effect
 * (as on AWS), a terminate is remembered and the attempt must be stopped.
 */
export function requestStop(progress: Progress, stop: StopRequest, now: number): Progress {
  if (isTerminal(progress.state)) return progress
  if (progress.state === 'STARTING' || progress.state === 'RUNNING') {
    if (stop.kind === 'cancel' || progress.stop) return progress
    return { ...progress, stop }
  }
  return endUnplaced({ ...progress, stop }, stop.reason, now)
}
