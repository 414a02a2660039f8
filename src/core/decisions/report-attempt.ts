import { attemptNumber, ended, started, unplaced } from '../lifecycle/job-lifecycle.ts'
import type { HostReport } from '../model/attempt.ts'
import type { AttemptKey } from '../model/ids.ts'
import { isTerminal } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'
import { decideNodeReport } from './report-node.ts'
import {
  type ReportVerdict,
  reportedAddress,
  reportedEnd,
  reportedPlace,
  superseded,
} from './report-verdict.ts'
import { settleChild, settleJob } from './settle-job.ts'
import { settleNodes } from './settle-nodes.ts'

/** Takes in one report. Repeated, late and reordered reports change nothing a second time. */
export function decideReport(
  ledger: Ledger,
  attempt: AttemptKey,
  environment: number,
  report: HostReport,
): ReportVerdict {
  const job = ledger.job(attempt.seq)
  if (!job || !isPartOf(job, attempt)) return superseded(report)
  const { index, node } = attempt
  if (node !== undefined && node !== job.nodes!.main)
    return decideNodeReport(ledger, job, { ...attempt, node }, environment, report)
  const before = index === undefined ? job.progress : ledger.child(attempt.seq, index)
  if (isTerminal(before.state) || attempt.attempt !== attemptNumber(before)) return superseded(report)
  const after = advance(ledger, job, before, environment, report)
  if (after !== before) settle(ledger, job, attempt, after)
  if (report.kind !== 'started') return { kind: 'settled' }
  return after.stop?.kind === 'terminate' ? { kind: 'stop', reason: after.stop.reason } : { kind: 'noted' }
}

/** Whether the job consists of what the attempt is of: itself, children or nodes. */
function isPartOf(job: Job, { index, node }: AttemptKey): boolean {
  if (index !== undefined) return index < (job.array?.size ?? 0)
  if (node !== undefined) return node < (job.nodes?.count ?? 0)
  return !job.array && !job.nodes
}

function advance(
  ledger: Ledger,
  job: Job,
  before: Progress,
  environment: number,
  report: HostReport,
): Progress {
  const { current } = before
  const where = {
    ...reportedPlace(environment, report, current),
    ...(job.nodes ? reportedAddress(report, current) : {}),
  }
  if (report.kind === 'started') return started(before, where, report.startedAt)
  if (report.kind === 'absent') {
    // Late word of a placement that has been replaced by another.
    if (current && current.instanceId !== report.instanceId) return before
    if (before.state === 'STARTING') return unplaced(before, ledger.now)
    if (before.state !== 'RUNNING') return before
  }
  return ended(before, where, reportedEnd(report), ledger.retryStrategy(job))
}

function settle(ledger: Ledger, job: Job, attempt: AttemptKey, after: Progress): void {
  if (attempt.index !== undefined) return settleChild(ledger, job, attempt.index, after)
  settleJob(ledger, job, after)
  if (job.nodes) settleNodes(ledger, job, job.progress, after)
}
