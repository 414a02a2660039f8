import type { HostReport } from '../../core/model/attempt.ts'
import type { Explanation } from '../../core/model/explanation.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { JobView } from '../../core/model/job.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { StopRequest } from '../../core/model/progress.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import { nextTurn } from '../../runtime/clock.ts'
import { migrate } from '../../runtime/migrate.ts'
import { Timers } from '../../runtime/timers.ts'
import type { FreedConsumable } from '../consumables/consumables-rpc.ts'
import { answerPresent } from './answer-present.ts'
import { CrossQueue } from './cross-queue.ts'
import { Deliveries } from './deliveries.ts'
import { Dispatcher } from './dispatcher.ts'
import { EnvironmentSessions } from './environment-sessions.ts'
import { explainTarget } from './explain-target.ts'
import { HeadWatch } from './head-watch.ts'
import { changeJobTags, jobTags } from './job-tags.ts'
import { Opening } from './opening.ts'
import { QueueDeletion } from './queue-deletion.ts'
import { type OutboxMessage, QueueLedger } from './queue-ledger.ts'
import type { QueuePorts } from './queue-ports.ts'
import { QueueReads } from './queue-reads.ts'
import type {
  AskPresent,
  BlockedEvent,
  ConsumerPage,
  DependencyState,
  JobPage,
  ListBlockedEvents,
  ListConsumers,
  ListJobs,
  PresentAnswer,
  QueueMessage,
  QueueRpc,
  QueueSnapshot,
  ReportReply,
  RerunJob,
  SearchJobs,
  SubmitJob,
  SubmitJobs,
  SubmittedJob,
} from './queue-rpc.ts'
import { queueMigrations } from './queue-schema.ts'
import { QueueState } from './queue-state.ts'
import { ReportIntake } from './report-intake.ts'
import { historyTimer, Retention } from './retention.ts'
import { type Slices, stopInSlices } from './stop-in-slices.ts'
import { SubmitIntake } from './submit-intake.ts'
import type { WaitReason } from './wait-text.ts'

const tickTimer = 'tick'
/** Should the object die between accepting a job and placing it, the alarm ticks this long after. */
const tickAgainMs = 30_000

/** One job queue: loads, lets core decide, commits, acts. Knows ports only, so that it runs in the simulation too. */
export class Queue implements QueueRpc {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly timers: Timers
  private readonly deliveries: Deliveries
  private readonly intake: SubmitIntake
  private readonly crossQueue: CrossQueue
  private readonly sessions: EnvironmentSessions
  private readonly dispatcher: Dispatcher
  private readonly reads: QueueReads
  private readonly reports: ReportIntake
  private readonly headWatch: HeadWatch
  private readonly retention: Retention
  private readonly deletion: QueueDeletion
  private readonly slices: Slices
  private readonly opening: Opening

  constructor(ports: QueuePorts) {
    this.ports = ports
    migrate(ports.sql, queueMigrations)
    this.state = new QueueState(ports.sql, ports.deployment)
    this.timers = new Timers(ports.sql, ports.alarm)
    this.deliveries = new Deliveries(ports, this.state, this.timers, this)
    this.retention = new Retention(ports, this.timers)
    this.slices = { commit: (work) => this.commit(work), turn: () => nextTurn(ports.scheduler) }
    this.deletion = new QueueDeletion(ports, this.state, this.timers, this.slices)
    this.intake = new SubmitIntake(ports, this.state, (work) => this.commit(work))
    this.crossQueue = new CrossQueue(this.state, this.slices)
    this.reports = new ReportIntake(this.state, ports.clock, this.slices, (reports) => this.told(reports))
    this.sessions = new EnvironmentSessions(ports, this.state, (environment, held, reported) =>
      this.reports.adopt(environment, held, reported),
    )
    this.opening = new Opening(ports, this.state, this.sessions, (config) => this.configure(config))
    this.dispatcher = new Dispatcher(ports, this.state, this.sessions, {
      retryAt: (at) => this.tickBy(at),
      remind: () => this.tickBy(ports.clock.now() + tickAgainMs),
      ticked: () => this.headWatch.look(this.dispatcher.parked.size > 0),
    })
    const waitReason: WaitReason = (job) => this.dispatcher.waitReason(job.seq, job)
    this.reads = new QueueReads(this.state, waitReason, this.slices.turn)
    this.headWatch = new HeadWatch(ports, this.state, this.timers, waitReason, (seq, stop) =>
      this.stopJobs([{ queue: ports.number, shard: 0, seq }], stop),
    )
  }

  /** What the alarm was set to when the object started anew: a lost alarm is mended. */
  resume(armed: number | null): void {
    this.timers.resume(armed)
    this.retention.resume()
    this.endIfDeleted()
  }

  async configure(config: QueueConfig): Promise<void> {
    const taken = this.state.configure(config, this.ports.clock.now(), () => {
      if (config.deleted) this.deletion.arm()
    })
    if (!taken) return
    this.dispatcher.unpark()
    this.dispatcher.wake()
    this.endIfDeleted()
  }

  async submitJob(submit: SubmitJob): Promise<Outcome<SubmittedJob>> {
    if (!(await this.opening.isConfigured())) return refused(`Job queue ${submit.queue} does not exist`)
    return this.intake.submit(submit)
  }

  async submitJobs(submit: SubmitJobs): Promise<Outcome<Outcome<SubmittedJob>[]>> {
    if (!(await this.opening.isConfigured())) return refused(`Job queue ${submit.queue} does not exist`)
    return this.intake.submitBatch(submit)
  }

  async rerunJob(rerun: RerunJob): Promise<Outcome<SubmittedJob>> {
    if (!(await this.opening.isOpen())) return refused(`jobId: job ${rerun.text} does not exist`)
    return this.intake.rerun(rerun)
  }

  describeJobs(jobs: JobTarget[]): Promise<(JobView | undefined)[]> {
    const none = jobs.map(() => undefined)
    return this.read(none, () => jobs.map((target) => this.reads.describe(target)))
  }

  listJobs(query: ListJobs): Promise<Outcome<JobPage>> {
    return this.read(accepted({ jobs: [] }), () => this.reads.list(query))
  }

  snapshot(queue: string): Promise<Outcome<QueueSnapshot>> {
    return this.read(missing(queue), () => this.reads.snapshot(queue, this.ports.clock.now()))
  }

  explainJob(job: JobTarget): Promise<Explanation | undefined> {
    const { waitReason } = this.reads
    return this.read(undefined, () => explainTarget(this.ports, this.state, job, waitReason))
  }

  present(ask: AskPresent): Promise<Outcome<PresentAnswer>> {
    const isSetAside = (seq: number) => this.dispatcher.waitsForConsumables(seq)
    const parts = { state: this.state, intake: this.intake, reads: this.reads, isSetAside }
    return this.read(missing(ask.queue), () => answerPresent(parts, ask, this.ports.clock.now()))
  }

  blockedEvents({ queue, before, maxResults }: ListBlockedEvents): Promise<Outcome<BlockedEvent[]>> {
    const events = () => accepted(this.headWatch.blockedEvents(before, maxResults))
    return this.read(accepted([]), () => this.reads.refusal(queue) ?? events())
  }

  searchJobs(query: SearchJobs): Promise<Outcome<JobPage>> {
    return this.read(accepted({ jobs: [] }), () => this.reads.search(query))
  }

  listConsumers(query: ListConsumers): Promise<ConsumerPage> {
    return this.read({ jobs: [] }, () => this.reads.consumers(query))
  }

  cancelJob(job: JobTarget, reason: string): Promise<void> {
    return this.stopJobs([job], { kind: 'cancel', reason })
  }

  terminateJob(job: JobTarget, reason: string): Promise<void> {
    return this.stopJobs([job], { kind: 'terminate', reason })
  }

  async stopJobs(jobs: JobTarget[], stop: StopRequest): Promise<void> {
    if (!(await this.opening.isOpen())) return
    const targets = jobs.flatMap((named) => this.state.locate(named) ?? [])
    const seqs = targets.map(({ seq }) => seq)
    await this.dispatcher.whileSettled(seqs, () => stopInSlices(targets, stop, this.slices))
  }

  async jobTags(job: JobTarget): Promise<Outcome<Tags>> {
    return jobTags(this.state, job)
  }

  async changeJobTags(job: JobTarget, change: TagChange): Promise<Outcome<Record<string, never>>> {
    return this.commit(() => changeJobTags(this.state, job, change))
  }

  async dependencyStates(jobs: JobTarget[]): Promise<DependencyState[]> {
    if (!(await this.opening.isConfigured())) return jobs.map(() => ({ state: 'unknown' }))
    return this.crossQueue.dependencyStates(jobs)
  }

  async deliver(messages: QueueMessage[]): Promise<void> {
    if (!(await this.opening.isConfigured())) throw new Error('a message for a queue that is not configured')
    await this.crossQueue.deliver(messages)
  }

  async report(environment: number, reports: HostReport[]): Promise<ReportReply> {
    if (!(await this.opening.isOpen())) throw new Error('a report for a queue that is not configured')
    const reply = await this.reports.take(environment, reports)
    // An end leaves room, a start does not.
    if (reports.some(({ kind }) => kind !== 'started')) this.dispatcher.wake()
    return reply
  }

  async wake(environment: number, hostsChanged: boolean): Promise<void> {
    if (!(await this.opening.isConfigured())) return
    if (hostsChanged) {
      this.state.hostWait.forget(environment)
      this.dispatcher.unpark()
    }
    await this.dispatcher.tick()
  }

  async consumablesFreed(resources: FreedConsumable[]): Promise<void> {
    if (await this.opening.isConfigured()) await this.dispatcher.consumablesFreed(resources)
  }

  /** The alarm. What it was set for may have been forgotten with the memory of an earlier life: it sees to everything. */
  alarm(): void {
    const due = this.timers.due(this.ports.clock.now())
    if (due.includes(historyTimer)) this.retention.sweep()
    this.dispatcher.claims.remindAgain()
    this.dispatcher.wake()
    this.endIfDeleted()
    this.deliveries.drain()
  }

  private endIfDeleted(): void {
    this.deletion.begin(async () => {
      await this.opening.isOpen()
      await this.dispatcher.settled()
    })
  }

  private told(reports: HostReport[]): void {
    for (const { attemptId, kind } of reports)
      if (kind !== 'started') this.dispatcher.claims.noteReport(attemptId)
    this.sessions.noteReports(reports.map(({ attemptId }) => attemptId))
  }

  /** One decision, atomically. No await may stand between load and commit. */
  private commit<Result>(work: (ledger: QueueLedger) => Result): Result {
    const ledger = new QueueLedger(this.state, this.ports.clock.now())
    let messages: OutboxMessage[]
    let result: Result
    try {
      result = this.ports.sql.transaction(() => {
        const made = work(ledger)
        messages = ledger.apply()
        this.state.allocations.saveIfDue(ledger.now)
        this.deliveries.add(messages)
        if (ledger.madeReady) this.tickBy(ledger.now + tickAgainMs)
        if (ledger.submitted) this.retention.noteSubmitted()
        return made
      })
    } catch (error) {
      this.state.reset()
      this.retention.reset()
      this.timers.arm()
      throw error
    }
    ledger.committed()
    if (ledger.madeReady) this.dispatcher.wake()
    if (messages!.length > 0) this.deliveries.drain()
    return result
  }

  /** The alarm is to tick at that time at the latest. */
  private tickBy(at: number): void {
    const known = this.timers.at(tickTimer)
    if (known === undefined || at < known) this.timers.setVolatile(tickTimer, at)
  }

  /** `none`: the answer of a queue that does not exist. */
  private async read<Answer>(none: Answer, read: () => Answer | Promise<Answer>): Promise<Answer> {
    return (await this.opening.isOpen()) ? read() : none
  }
}

function missing(queue = '') {
  return refused(`jobQueue: job queue ${queue} does not exist`)
}
