import { isTerminal } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress, Where } from '../model/progress.ts'
import { type AttemptEnd, endedAttempt, reasons } from './job-lifecycle.ts'

/**
 * Nodes of a multi-node parallel job other than the main one. All nodes of one try have the same attempt number, the
 * main node's. A node's record says only what it came to itself:
 *
 *     (no word of this attempt) ──► RUNNING ──► SUCCEEDED / FAILED ──► (the next attempt, if the main node is retried)
 *                  └─────────────────────────────────▲
 *
 * What it does before it runs follows from the job (`nodeProgress`).
 */
export function nodeStarted(record: Progress, where: Where, startedAt: number): Progress {
  return { state: 'RUNNING', attempts: record.attempts, current: { ...where, startedAt } }
}

/** `stopReason`: why it was stopped, if it was. */
export function nodeEnded(record: Progress, where: Where, end: AttemptEnd, stopReason: string): Progress {
  const stopped: Progress = { ...record, stop: { kind: 'terminate', reason: stopReason } }
  const attempt = endedAttempt(stopped, where, end)
  return {
    state: end.cause === 'exited' && end.exitCode === 0 ? 'SUCCEEDED' : 'FAILED',
    attempts: [...record.attempts, attempt],
    statusReason: attempt.statusReason,
    stoppedAt: end.stoppedAt,
  }
}

/** Why nodes are stopped whose main node is as far as `main`; `preempted`: the host says that they were to make room, and why. */
export function whyNodesStop(main: Progress, preempted?: string): string {
  const last = main.attempts.at(-1)
  return main.stop?.reason ?? preempted ?? (last?.preempted ? last.statusReason : reasons.mainNodeEnded)
}

/** A node of which nothing is recorded. */
export const untouchedNode: Progress = { state: 'RUNNABLE', attempts: [] }

/** What a client sees of a node other than the main one; `placed`: where it waits for the main node, if that is known. */
export function nodeProgress(job: Job, record: Progress, placed?: Where): Progress {
  if (record.current) return record
  const { state, attempts } = job.progress
  const { attempts: own } = record
  const waiting: Progress = {
    state: 'STARTING',
    attempts: own,
    ...(placed ? { current: placed } : {}),
  }
  if (state === 'RUNNING') return own.length > attempts.length ? record : waiting
  if (!isTerminal(state)) return state === 'STARTING' ? waiting : { state, attempts: own }
  if (own.length < attempts.length) return waiting
  if (own.length > 0) return record
  const { statusReason, stoppedAt } = job.progress
  return {
    state: 'FAILED',
    attempts: [],
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  }
}
