import { type AttemptEnd, attemptNumber, ended, started, unplaced } from '../lifecycle/job-lifecycle.ts'
import type { HostReport } from '../model/attempt.ts'
import type { AttemptKey } from '../model/ids.ts'
import { isTerminal } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress, Where } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'
import { settleChild, settleJob } from './settle-job.ts'

/**
 * What the environment is to do about an attempt it reported: nothing, drop its placement (`settled`), or have it
 * stopped because it must not run.
 */
export type ReportVerdict = { kind: 'noted' } | { kind: 'settled' } | { kind: 'stop'; reason: string }

/** Takes in one report. Repeated, late and reordered reports change nothing a second time. */
export function decideReport(
  ledger: Ledger,
  attempt: AttemptKey,
  environment: number,
  report: HostReport,
): ReportVerdict {
  const job = ledger.job(attempt.seq)
  const over = report.kind !== 'started'
  const superseded: ReportVerdict = over
    ? { kind: 'settled' }
    : { kind: 'stop', reason: 'The job has ended or its attempt was superseded' }
  if (!job || (job.array === undefined) !== (attempt.index === undefined)) return superseded
  if (attempt.index !== undefined && attempt.index >= job.array!.size) return superseded
  const before = attempt.index === undefined ? job.progress : ledger.child(attempt.seq, attempt.index)
  if (isTerminal(before.state) || attempt.attempt !== attemptNumber(before)) return superseded
  const after = advance(ledger, job, before, environment, report)
  if (after !== before) settle(ledger, job, attempt, after)
  if (over) return { kind: 'settled' }
  return after.stop?.kind === 'terminate' ? { kind: 'stop', reason: after.stop.reason } : { kind: 'noted' }
}

function advance(
  ledger: Ledger,
  job: Job,
  before: Progress,
  environment: number,
  report: HostReport,
): Progress {
  const runtime = 'runtime' in report ? report.runtime : undefined
  const where: Where = {
    environment,
    instanceId: report.instanceId,
    runtime: runtime ?? before.current?.runtime ?? 'docker',
  }
  switch (report.kind) {
    case 'started':
      return started(before, where, report.startedAt)
    case 'absent':
      // Late word of a placement that has been replaced by another.
      if (before.current && before.current.instanceId !== report.instanceId) return before
      if (before.state === 'STARTING') return unplaced(before, ledger.now)
      if (before.state !== 'RUNNING') return before
      return ended(before, where, { cause: 'host-lost', stoppedAt: report.at }, ledger.retryStrategy(job))
    case 'host-lost':
      return ended(before, where, { cause: 'host-lost', stoppedAt: report.at }, ledger.retryStrategy(job))
    case 'ended': {
      const { attemptId: _, kind: __, instanceId: ___, runtime: ____, ...end } = report
      return ended(before, where, end satisfies AttemptEnd, ledger.retryStrategy(job))
    }
  }
}

function settle(ledger: Ledger, job: Job, attempt: AttemptKey, after: Progress): void {
  if (attempt.index === undefined) settleJob(ledger, job, after)
  else settleChild(ledger, job, attempt.index, after)
}
