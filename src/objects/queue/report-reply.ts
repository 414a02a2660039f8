import type { Ledger } from '../../core/decisions/ledger.ts'
import { decideReport } from '../../core/decisions/report-attempt.ts'
import type { HostReport } from '../../core/model/attempt.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import type { ReportReply } from './queue-rpc.ts'

/** Takes in an environment's reports, in order; part of a commit. What is not this queue's must not run. */
export function decideReports(
  ledger: Ledger,
  salt: string,
  environment: number,
  reports: HostReport[],
): ReportReply {
  const reply: ReportReply = { settled: [], stop: [] }
  for (const report of reports) {
    const { attemptId } = report
    const key = parseAttemptId(attemptId, salt)
    if (key?.queue !== ledger.queue) {
      reply.stop.push({ attemptId, reason: 'Not an attempt of this deployment' })
      if (report.kind !== 'started') reply.settled.push(attemptId)
      continue
    }
    const verdict = decideReport(ledger, key, environment, report)
    if (verdict.kind === 'settled') reply.settled.push(attemptId)
    if (verdict.kind === 'stop') reply.stop.push({ attemptId, reason: verdict.reason })
  }
  return reply
}
