import type { HostReport } from '../../core/model/attempt.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import type { HeldPlacement } from '../environment/environment-rpc.ts'
import { adoptPlacement } from './adopt-placement.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { ReportReply } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { decideReports } from './report-reply.ts'

/** Takes in what environments tell of attempts: what became of them, and, when a session opens, which they hold. */
export class ReportIntake {
  private readonly state: QueueState
  private readonly commit: <Result>(work: (ledger: QueueLedger) => Result) => Result
  /** The attempts' ends are told to whoever else keeps count of them. */
  private readonly told: (reports: HostReport[]) => void

  constructor(state: QueueState, commit: ReportIntake['commit'], told: (reports: HostReport[]) => void) {
    this.state = state
    this.commit = commit
    this.told = told
  }

  take(environment: number, reports: HostReport[]): ReportReply {
    const { salt } = this.state.deployment
    const reply = this.commit((ledger) => decideReports(ledger, salt, environment, reports))
    for (const report of reports) this.release(report)
    this.told(reports)
    return reply
  }

  adopt(environment: number, held: HeldPlacement[]): void {
    for (const placement of held) adoptPlacement(this.state, environment, placement)
    const started: HostReport[] = held.flatMap(({ attemptId, instanceId, runtime, startedAt }) =>
      startedAt === undefined ? [] : [{ attemptId, instanceId, runtime, kind: 'started', startedAt }],
    )
    if (started.length > 0) this.take(environment, started)
    this.state.rememberRunning(held)
  }

  /** The attempt's placement is in the store now, or no more; without a main node's its gang's are of no use. */
  private release({ attemptId, kind }: HostReport): void {
    const key = parseAttemptId(attemptId, this.state.deployment.salt)
    const gang = kind !== 'started' && key?.node !== undefined ? this.state.loadJob(key.seq) : undefined
    if (gang && gang.nodes?.main === key?.node) this.state.releaseAll(gang.seq)
    else this.state.release(attemptId)
  }
}
