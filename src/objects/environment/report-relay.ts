import type { HostReport } from '../../core/model/attempt.ts'
import type { Scheduler } from '../../runtime/clock.ts'
import type { ReportReply } from '../queue/queue-rpc.ts'

const batchSize = 1_000
const retryFloorMs = 200
const retryCeilingMs = 30_000

type Lane = { waiting: HostReport[]; sending: boolean; failures: number }

/**
 * Passes hosts' reports on to the queues whose attempts they are about: one request at a time for each queue, and what
 * comes in meanwhile makes the next. Nothing is stored here: an agent repeats an end until it is settled, and the
 * attempts of lost hosts have rows.
 */
export class ReportRelay {
  private readonly lanes = new Map<number, Lane>()
  private readonly withdrawn = new WeakSet<HostReport>()
  private readonly scheduler: Scheduler
  private readonly send: (queue: number, reports: HostReport[]) => Promise<ReportReply>
  private readonly settle: (queue: number, batch: HostReport[], reply: ReportReply) => void

  constructor(
    scheduler: Scheduler,
    send: (queue: number, reports: HostReport[]) => Promise<ReportReply>,
    settle: (queue: number, batch: HostReport[], reply: ReportReply) => void,
  ) {
    this.scheduler = scheduler
    this.send = send
    this.settle = settle
  }

  add(queue: number, report: HostReport): void {
    const lane = this.lanes.get(queue) ?? { waiting: [], sending: false, failures: 0 }
    this.lanes.set(queue, lane)
    lane.waiting.push(report)
    if (lane.sending) return
    lane.sending = true
    this.scheduler.later(0, () => this.drain(queue, lane))
  }

  /** The report must not be passed on any more. */
  withdraw(report: HostReport): void {
    this.withdrawn.add(report)
  }

  private async drain(queue: number, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const batch = lane.waiting.splice(0, batchSize).filter((report) => !this.withdrawn.has(report))
      if (batch.length === 0) continue
      let reply: ReportReply
      try {
        reply = await this.send(queue, batch)
      } catch (error) {
        lane.waiting.unshift(...batch)
        const waitMs = Math.min(retryCeilingMs, retryFloorMs * 2 ** Math.min(lane.failures++, 10))
        console.error(`reports to queue ${queue} failed, next try in ${waitMs} ms:`, error)
        this.scheduler.later(waitMs, () => this.drain(queue, lane))
        return
      }
      lane.failures = 0
      this.settle(queue, batch, reply)
    }
    lane.sending = false
  }
}
