import { limits } from '../core/limits.ts'
import type { Clock, Scheduler } from '../runtime/clock.ts'
import type { AttemptDirectories } from './attempt-directories.ts'
import type { AttemptDirectory, AttemptRecord, StartedRecord, StopRecord } from './attempt-directory.ts'
import type { Engine, EngineEnd, EngineJob } from './engine.ts'
import type { GpuPool } from './gpu-pool.ts'
import type { LogShipper } from './log-shipper.ts'
import { LogSpool } from './log-spool.ts'
import type { Logger } from './logger.ts'
import type {
  AcceptedAttempt,
  EndedReport,
  RecoveredAttempt,
  Runtime,
  RuntimeListener,
  StopCause,
} from './ports.ts'

export type HostRuntimeOptions = {
  directories: AttemptDirectories
  engine: Engine
  logs: LogShipper
  gpus: GpuPool
  clock: Clock
  scheduler: Scheduler
  log: Logger
}

/** What the agent says of stops that nobody has just asked for. */
const stopReasons: Partial<Record<StopCause, string>> = {
  'timed-out': 'stopped, its time limit is over',
  'host-failed': 'stopped, the lease of this host is running out or another deployment has taken it over',
}

type Job = EngineJob & {
  attempt: AcceptedAttempt
  launched: boolean
  startedAt?: number
  stop?: StopRecord
  report?: EndedReport
  /** Its end is recorded elsewhere, its output is delivered: with both it is erased. */
  forgotten: boolean
  drained: boolean
  disowned: boolean
}

/** Runs attempts on an engine and keeps what must outlive the agent in their directories. */
export class HostRuntime implements Runtime {
  private readonly options: HostRuntimeOptions
  private readonly jobs = new Map<string, Job>()
  private readonly earlier = new Map<string, StartedRecord | 'never-ran' | 'lost'>()
  private listener: RuntimeListener | undefined

  /** Reads what an earlier life of the agent left behind and has the engine look for it. */
  static async open(options: HostRuntimeOptions): Promise<HostRuntime> {
    const runtime = new HostRuntime(options)
    await runtime.load()
    return runtime
  }

  private constructor(options: HostRuntimeOptions) {
    this.options = options
    options.engine.listen({
      started: (attemptId, record) => this.started(attemptId, record),
      ended: (attemptId, end) => this.ended(attemptId, end),
    })
  }

  recover(listener: RuntimeListener): RecoveredAttempt[] {
    this.listener = listener
    return [...this.jobs.values()].map((job) => this.takeUp(job))
  }

  start(attempt: AcceptedAttempt): void {
    const job = this.jobs.get(attempt.attemptId) ?? this.accept(attempt)
    if (!job) return
    job.launched = true
    this.options.logs.follow(job.attemptId, this.spoolOf(job))
    this.options.engine.launch(job)
  }

  stop(attemptId: string, cause: StopCause, graceMs: number): void {
    const job = this.jobs.get(attemptId)
    if (!job || job.report) return
    const killAt = this.options.clock.now() + graceMs
    if (job.stop && job.stop.killAt <= killAt) return
    const isFirst = !job.stop
    if (isFirst && stopReasons[cause]) this.options.log(`attempt ${attemptId}: ${stopReasons[cause]}`)
    job.stop = { cause: job.stop?.cause ?? cause, killAt }
    this.save(job, () => job.directory.note({ stop: job.stop! }))
    if (!job.launched) {
      this.ended(attemptId, { how: 'start-failed', stoppedAt: this.options.clock.now() })
      return
    }
    if (isFirst) this.options.engine.terminate(attemptId)
    this.killLater(job, job.stop)
  }

  forget(attemptId: string): void {
    const job = this.jobs.get(attemptId)
    if (!job) return
    job.forgotten = true
    this.eraseIfDone(job)
  }

  disown(attemptId: string): void {
    const job = this.jobs.get(attemptId)
    if (!job) return
    this.options.logs.drop(attemptId)
    job.disowned = true
    if (job.report) this.eraseIfDone(job)
    else this.stop(attemptId, 'host-failed', job.container.stopTimeoutSeconds * 1000)
  }

  /** All that an attempt printed is stored. */
  drained(attemptId: string): void {
    const job = this.jobs.get(attemptId)
    if (!job) return
    job.drained = true
    this.eraseIfDone(job)
  }

  private async load(): Promise<void> {
    for (const { directory, facts } of this.options.directories.load()) {
      const record = facts.record!
      const job = newJob(record, directory)
      if (facts.stop) job.stop = facts.stop
      if (facts.ended) job.report = facts.ended
      this.options.gpus.claim(record.gpus)
      this.jobs.set(job.attemptId, job)
    }
    const found = await this.options.engine.find([...this.jobs.values()].filter((job) => !job.report))
    for (const [attemptId, state] of found) this.earlier.set(attemptId, state)
  }

  /** Goes on where an earlier life of the agent left a job. */
  private takeUp(job: Job): RecoveredAttempt {
    const { attempt, attemptId, report } = job
    const found = this.earlier.get(attemptId) ?? 'lost'
    if (!report && found === 'never-ran') return { attempt, state: 'accepted' }
    job.launched = true
    this.options.logs.follow(attemptId, this.spoolOf(job))
    if (report) {
      this.options.logs.finish(attemptId)
      return { attempt, state: 'ended', report }
    }
    if (found === 'lost' || found === 'never-ran') {
      const reason = 'The container was gone when the agent came back'
      const end: EngineEnd = { how: 'lost', stoppedAt: this.options.clock.now(), reason }
      this.options.scheduler.later(0, () => this.ended(attemptId, end))
      return { attempt, state: 'starting' }
    }
    job.startedAt = found.startedAt
    this.options.engine.follow(job, found)
    if (job.stop) {
      this.options.engine.terminate(attemptId)
      this.killLater(job, job.stop)
    }
    return { attempt, state: 'running', startedAt: found.startedAt }
  }

  private accept(attempt: AcceptedAttempt): Job | undefined {
    const { gpus: pool, directories, clock } = this.options
    const { attemptId, spec } = attempt
    const gpus = pool.take(spec.resources.gpus)
    const record = { attempt, gpus: gpus ?? [] }
    try {
      if (!gpus) throw new Error(`${spec.resources.gpus} GPUs are not free on this host`)
      const directory = directories.make(attemptId)
      directory.note({ record })
      const job = newJob(record, directory)
      this.jobs.set(attemptId, job)
      return job
    } catch (error) {
      pool.release(record.gpus)
      const reason = `CannotCreateContainerError: ${(error as Error).message}`
      this.listener?.ended({
        attemptId,
        kind: 'ended',
        cause: 'start-failed',
        stoppedAt: clock.now(),
        reason,
      })
      return undefined
    }
  }

  private started(attemptId: string, record: StartedRecord): void {
    const job = this.jobs.get(attemptId)
    if (!job || job.startedAt !== undefined) return
    job.startedAt = record.startedAt
    this.save(job, () => job.directory.note({ started: record }))
    this.listener?.started(attemptId, record.startedAt)
  }

  private ended(attemptId: string, end: EngineEnd): void {
    const job = this.jobs.get(attemptId)
    if (!job || job.report) return
    const report = reportOf(job, end)
    job.report = report
    this.save(job, () => job.directory.note({ ended: report }))
    this.options.gpus.release(job.gpus)
    this.options.logs.finish(attemptId)
    if (job.disowned) this.eraseIfDone(job)
    else this.listener?.ended(report)
  }

  private killLater(job: Job, stop: StopRecord): void {
    const delayMs = Math.max(0, stop.killAt - this.options.clock.now())
    this.options.scheduler.later(delayMs, () => {
      if (!job.report && job.stop === stop) this.options.engine.kill(job.attemptId)
    })
  }

  private eraseIfDone(job: Job): void {
    const done = job.disowned || (job.forgotten && (job.drained || !job.launched))
    if (!job.report || !done || !this.jobs.delete(job.attemptId)) return
    this.erase(job).catch((error) =>
      this.options.log(`attempt ${job.attemptId} is not erased: ${error.message}`),
    )
  }

  private async erase(job: Job): Promise<void> {
    await this.options.engine.remove(job)
    await this.options.directories.discard(job.directory)
  }

  /** A full disk must not stop the work: what cannot be written is only missing after a restart. */
  private save(job: Job, write: () => void): void {
    try {
      write()
    } catch (error) {
      this.options.log(`attempt ${job.attemptId}: ${(error as Error).message}`)
    }
  }

  private spoolOf(job: Job): LogSpool {
    const { logGroup: group, logStreamPrefix } = job.container
    const { output, delivered } = job.directory
    const stream = `${logStreamPrefix}/${job.attemptId}`
    return new LogSpool({ output, delivered, group, stream, stamped: this.options.engine.stampsOutput })
  }
}

function newJob(record: AttemptRecord, directory: AttemptDirectory): Job {
  const { attemptId } = record.attempt
  const { attempt, gpus } = record
  return {
    id: attemptId,
    attempt,
    attemptId,
    container: attempt.spec.containers[0]!,
    volumes: attempt.spec.volumes ?? [],
    environment: attempt.environment,
    gpus,
    directory,
    launched: false,
    forgotten: false,
    drained: false,
    disowned: false,
  }
}

/** What is reported: the cause for which the agent stopped it, before what the engine saw. */
function reportOf(job: Job, end: EngineEnd): EndedReport {
  const { attemptId, startedAt, stop } = job
  const exitCode = end.exitCode ?? (end.how === 'lost' && stop ? 137 : undefined)
  return {
    attemptId,
    kind: 'ended',
    cause: stop?.cause ?? (end.how === 'lost' ? 'host-failed' : end.how),
    ...(startedAt === undefined ? {} : { startedAt }),
    stoppedAt: Math.max(end.stoppedAt, startedAt ?? 0),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(end.reason ? { reason: end.reason.slice(0, limits.containerReasonLength) } : {}),
  }
}
