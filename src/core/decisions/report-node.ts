import { attemptNumber } from '../lifecycle/job-lifecycle.ts'
import { nodeEnded, nodeStarted, untouchedNode, whyNodesStop } from '../lifecycle/node-lifecycle.ts'
import type { HostReport } from '../model/attempt.ts'
import type { AttemptKey } from '../model/ids.ts'
import type { Job } from '../model/job-record.ts'
import type { Ledger } from './ledger.ts'
import {
  type ReportVerdict,
  reportedAddress,
  reportedEnd,
  reportedPlace,
  superseded,
} from './report-verdict.ts'
import { nodesAreOver } from './settle-nodes.ts'

/**
 * Takes in one report about a node other than the main one. It never changes what becomes of the job; the last end of a
 * former attempt's nodes lets the next attempt begin.
 */
export function decideNodeReport(
  ledger: Ledger,
  job: Job,
  attempt: AttemptKey & { node: number },
  environment: number,
  report: HostReport,
): ReportVerdict {
  const main = job.progress
  const record = ledger.node(job.seq, attempt.node) ?? untouchedNode
  const { current } = record
  const present = attemptNumber(main)
  const isKnown = attempt.attempt === record.attempts.length + 1 && attempt.attempt <= present
  // Before its main node runs a node is only held: what becomes of it then is no part of its record.
  if (!isKnown || (attempt.attempt === present && main.state !== 'RUNNING')) return superseded(report)
  const stopReason = whyNodesStop(main, report.preempted)
  const mayRun = attempt.attempt === present && !main.stop && report.preempted === undefined
  const where = { ...reportedPlace(environment, report, current), ...reportedAddress(report, current) }
  if (report.kind === 'started') {
    if (!current) ledger.saveNode(job.seq, attempt.node, nodeStarted(record, where, report.startedAt))
    return mayRun ? { kind: 'noted' } : { kind: 'stop', reason: stopReason }
  }
  let end = reportedEnd(report)
  if (report.kind === 'absent') {
    // Late word of a placement that has been replaced by another.
    if (current && current.instanceId !== report.instanceId) return { kind: 'settled' }
    if (!current && mayRun) {
      ledger.startNodes(job.seq, attempt.attempt, [attempt.node], environment)
      return { kind: 'noted' }
    }
    if (!current) end = { ...end, cause: 'stopped' }
  }
  ledger.saveNode(job.seq, attempt.node, nodeEnded(record, where, end, stopReason))
  if (main.state === 'RUNNABLE' && !job.ready && nodesAreOver(ledger, job, main))
    ledger.save({ ...job, ready: true, front: true })
  return { kind: 'settled' }
}
