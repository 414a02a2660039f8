import { type AttemptEnd, attemptNumber, reasons } from '../lifecycle/job-lifecycle.ts'
import { nodeEnded, nodeStarted, untouchedNode } from '../lifecycle/node-lifecycle.ts'
import type { HostReport } from '../model/attempt.ts'
import type { AttemptKey } from '../model/ids.ts'
import type { Job } from '../model/job-record.ts'
import type { Where } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'
import type { ReportVerdict } from './report-attempt.ts'
import { nodesAreOver } from './settle-nodes.ts'

/**
 * Takes in one report about a node other than the main one. It never changes what becomes of the job; the last end of a
 * former attempt's nodes lets the next attempt begin.
 */
export function decideNodeReport(
  ledger: Ledger,
  job: Job,
  attempt: AttemptKey & { node: number },
  where: Where,
  report: HostReport,
): ReportVerdict {
  const main = job.progress
  const record = ledger.node(job.seq, attempt.node) ?? untouchedNode
  const isPresent = attempt.attempt === attemptNumber(main)
  const isKnown = attempt.attempt === record.attempts.length + 1 && attempt.attempt <= attemptNumber(main)
  // Before its main node runs a node is only held: what becomes of it then is no part of its record.
  if (!isKnown || (isPresent && main.state !== 'RUNNING')) return superseded(report)
  const stopReason = main.stop?.reason ?? reasons.mainNodeEnded
  const mayRun = isPresent && !main.stop
  if (report.kind === 'started') {
    if (!record.current)
      ledger.saveNode(job.seq, attempt.node, nodeStarted(record, where, report.startedAt))
    return mayRun ? { kind: 'noted' } : { kind: 'stop', reason: stopReason }
  }
  if (report.kind === 'absent') {
    // Late word of a placement that has been replaced by another.
    if (record.current && record.current.instanceId !== report.instanceId) return { kind: 'settled' }
    if (!record.current && mayRun) {
      ledger.startNodes(job.seq, attempt.attempt, [attempt.node], where.environment)
      return { kind: 'noted' }
    }
  }
  const known = { ...where, runtime: record.current?.runtime ?? where.runtime }
  const ended = nodeEnded(record, known, endOf(report, record.current !== undefined), stopReason)
  ledger.saveNode(job.seq, attempt.node, ended)
  if (main.state === 'RUNNABLE' && !job.ready && nodesAreOver(ledger, job, main))
    ledger.save({ ...job, ready: true, front: true })
  return { kind: 'settled' }
}

function endOf(report: HostReport & { kind: 'ended' | 'absent' | 'host-lost' }, ran: boolean): AttemptEnd {
  switch (report.kind) {
    case 'absent':
      return { cause: ran ? 'host-lost' : 'stopped', stoppedAt: report.at }
    case 'host-lost':
      return { cause: 'host-lost', stoppedAt: report.at }
    case 'ended': {
      const { attemptId: _, kind: __, instanceId: ___, runtime: ____, privateIpv4Address: _____, ...end } = report
      return end
    }
  }
}

function superseded(report: HostReport): ReportVerdict {
  return report.kind === 'started'
    ? { kind: 'stop', reason: 'The job has ended or its attempt was superseded' }
    : { kind: 'settled' }
}
