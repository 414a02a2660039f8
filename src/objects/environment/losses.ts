import type { HostReport } from '../../core/model/attempt.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import type { EnvironmentPorts } from './environment-ports.ts'
import type { HeldPlacement } from './environment-rpc.ts'
import type { EnvironmentStore, Loss } from './environment-store.ts'
import type { ReportRelay } from './report-relay.ts'

type LossReport = HostReport & Loss

/**
 * Attempts that are placed nowhere any more though no host has reported their end: their host was lost, or never heard
 * of them. Each has a row until its queue has recorded it.
 */
export class Losses {
  private readonly ports: Pick<EnvironmentPorts, 'sql' | 'deployment'>
  private readonly store: EnvironmentStore
  private readonly relay: ReportRelay
  private readonly reports = new Map<string, LossReport>()

  constructor(
    ports: Pick<EnvironmentPorts, 'sql' | 'deployment'>,
    store: EnvironmentStore,
    relay: ReportRelay,
  ) {
    this.ports = ports
    this.store = store
    this.relay = relay
  }

  /** After a start anew: goes on telling the queues. */
  resume(): void {
    for (const loss of this.store.loadLosses()) this.tell(loss)
  }

  /** Records losses together with what `andThen` writes, and tells the queues. */
  record(losses: Loss[], andThen: () => void): void {
    this.ports.sql.transaction(() => {
      for (const loss of losses) this.store.addLoss(loss)
      andThen()
    })
    for (const loss of losses) this.tell(loss)
  }

  /** A queue has recorded these reports; those of losses are done with. */
  settle(reports: HostReport[]): void {
    const settled = reports.filter((report) => this.stands(report))
    if (settled.length === 0) return
    this.ports.sql.transaction(() => {
      for (const { attemptId } of settled) {
        this.reports.delete(attemptId)
        this.store.deleteLoss(attemptId)
      }
    })
  }

  /** Whether a report of a loss is still true: it is not once its attempt has been placed again. */
  stands(report: HostReport): boolean {
    return this.reports.get(report.attemptId) === report
  }

  /** Attempts of a queue that were lost with their hosts and that it has not recorded yet. */
  ofQueue(queue: number): HeldPlacement[] {
    return [...this.reports.values()]
      .filter(({ kind, attemptId }) => kind === 'host-lost' && this.queueOf(attemptId) === queue)
      .map(({ attemptId, instanceId, at }) => ({ attemptId, instanceId, runtime: 'docker', placedAt: at }))
  }

  /** The attempt may have run on a host that was lost: it is over, and its queue is about to hear so. */
  isOver(attemptId: string): boolean {
    return this.reports.get(attemptId)?.kind === 'host-lost'
  }

  /**
   * The attempt is being placed again, so its queue knows: a late word of its absence would be taken for the new
   * placement's. Part of the transaction that places it.
   */
  withdraw(attemptId: string): void {
    const report = this.reports.get(attemptId)
    if (!report) return
    this.reports.delete(attemptId)
    this.relay.withdraw(report)
    this.store.deleteLoss(attemptId)
  }

  private tell(loss: Loss): void {
    const queue = this.queueOf(loss.attemptId)
    if (queue === undefined) return
    const report: LossReport = { ...loss }
    this.reports.set(loss.attemptId, report)
    this.relay.add(queue, report)
  }

  private queueOf(attemptId: string): number | undefined {
    return parseAttemptId(attemptId, this.ports.deployment.salt)?.queue
  }
}
