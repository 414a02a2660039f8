import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import type { HostReport } from '../../core/model/attempt.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { HeldPlacement } from '../environment/environment-rpc.ts'
import { adoptPlacement } from './adopt-placement.ts'
import type { ReportReply } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { decideReports } from './report-reply.ts'
import type { Slices } from './stop-in-slices.ts'

/**
 * Takes in what environments tell of attempts: what became of them, and, when a session opens, which they hold. Of many it
 * takes in so many a commit that others have their turn between.
 */
export class ReportIntake {
  private readonly state: QueueState
  private readonly clock: Clock
  private readonly slices: Slices
  /** The attempts' ends are told to whoever else keeps count of them. */
  private readonly told: (reports: HostReport[]) => void

  constructor(state: QueueState, clock: Clock, slices: Slices, told: (reports: HostReport[]) => void) {
    this.state = state
    this.clock = clock
    this.slices = slices
    this.told = told
  }

  /** Resolves when all is recorded. Who hears of a failure reports it all again: what was taken in before changes nothing. */
  async take(environment: number, reports: HostReport[]): Promise<ReportReply> {
    const reply: ReportReply = { settled: [], stop: [] }
    await this.inSlices(reports, (some) => {
      const { settled, stop } = this.takeAtOnce(environment, some)
      reply.settled.push(...settled)
      reply.stop.push(...stop)
    })
    return reply
  }

  /** `held`: all that the environment holds. `reported`: attempts that it reports on meanwhile, which is newer. */
  async adopt(environment: number, held: HeldPlacement[], reported: ReadonlySet<string>): Promise<void> {
    const known = new Set([...held.map(({ attemptId }) => attemptId), ...reported])
    this.state.allocations.releaseOthers(known, environment, this.clock.now())
    await this.inSlices(held, (some) =>
      this.adoptAtOnce(
        environment,
        some.filter(({ attemptId }) => !reported.has(attemptId)),
      ),
    )
  }

  private async inSlices<Item>(items: Item[], take: (some: Item[]) => void): Promise<void> {
    const most = limits.reportsPerCommit
    for (let at = 0; at < items.length; at += most) {
      if (at > 0) await this.slices.turn()
      take(items.slice(at, at + most))
    }
  }

  private takeAtOnce(environment: number, reports: HostReport[]): ReportReply {
    const { salt } = this.state.deployment
    const reply = this.slices.commit((ledger) => decideReports(ledger, salt, environment, reports))
    for (const report of reports) this.release(report)
    this.account(environment, reports)
    this.told(reports)
    return reply
  }

  private adoptAtOnce(environment: number, held: HeldPlacement[]): void {
    const { allocations } = this.state
    const now = this.clock.now()
    for (const placement of held) {
      const { attemptId } = placement
      // Of an end that the queue has recorded the environment may not have heard yet.
      if (this.isInProgress(attemptId)) allocations.hold(attemptId, environment, now)
      else allocations.release(attemptId, now)
      adoptPlacement(this.state, environment, placement)
      if (placement.makesRoom) allocations.noteMakingRoom(attemptId)
    }
    const started: HostReport[] = held.flatMap(({ attemptId, instanceId, runtime, startedAt }) =>
      startedAt === undefined ? [] : [{ attemptId, instanceId, runtime, kind: 'started', startedAt }],
    )
    if (started.length > 0) this.takeAtOnce(environment, started)
    this.state.rememberRunning(held)
  }

  /** What attempts hold, and how long those that ended have run. */
  private account(environment: number, reports: HostReport[]): void {
    const { allocations } = this.state
    const now = this.clock.now()
    for (const report of reports) {
      if (report.kind !== 'started') allocations.release(report.attemptId, now)
      else if (this.isInProgress(report.attemptId)) allocations.hold(report.attemptId, environment, now)
      if (report.kind === 'ended') this.learn(report)
      if (report.kind !== 'started') this.reconsider(report)
    }
  }

  /** A job whose placement came to nothing waits again, although it may have nothing to write. */
  private reconsider({ attemptId }: HostReport): void {
    const key = parseAttemptId(attemptId, this.state.deployment.salt)
    const job = key && this.state.jobs.loadJob(key.seq)
    if (job?.ready) this.state.order.reconsider(job)
  }

  /** Late word of an attempt that is over must not count it again. */
  private isInProgress(attemptId: string): boolean {
    const key = parseAttemptId(attemptId, this.state.deployment.salt)
    const progress = key && this.state.progressOf(key)
    return progress !== undefined && !isTerminal(progress.state) && attemptNumber(progress) === key?.attempt
  }

  private learn({ attemptId, startedAt, stoppedAt }: HostReport & { kind: 'ended' }): void {
    const key = parseAttemptId(attemptId, this.state.deployment.salt)
    const job = key && this.state.jobs.loadJob(key.seq)
    if (job && startedAt !== undefined)
      this.state.estimates.note(this.state.shapes.shapeOf(job), stoppedAt - startedAt)
  }

  /** The attempt's placement is in the store now, or no more; without a main node's its gang's are of no use. */
  private release({ attemptId, kind }: HostReport): void {
    const key = parseAttemptId(attemptId, this.state.deployment.salt)
    const gang = kind !== 'started' && key?.node !== undefined ? this.state.loadJob(key.seq) : undefined
    if (gang && gang.nodes?.main === key?.node) this.state.releaseAll(gang.seq)
    else this.state.release(attemptId)
  }
}
