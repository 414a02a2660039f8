import { limits } from '../core/limits.ts'
import type { Clock, Scheduler } from '../runtime/clock.ts'
import type { AttemptDirectories } from './attempt-directories.ts'
import type { AttemptDirectory, AttemptFacts, StartedRecord } from './attempt-directory.ts'
import type { Engine, EngineEnd } from './engine.ts'
import type { LogShipper } from './log-shipper.ts'
import { LogSpool } from './log-spool.ts'
import type { Logger } from './logger.ts'
import { type ContainerEnd, type TaskStep, taskStartedAt, taskStep } from './task-lifecycle.ts'
import { hasEnded, isSingle, type Run, type Task } from './task-run.ts'

export type TaskRunnerOptions = {
  directories: AttemptDirectories
  engine: Engine
  logs: LogShipper
  clock: Clock
  scheduler: Scheduler
  log: Logger
}

/** What became of a whole task: `started` at most once, `over` once all its containers have ended. */
export type TaskListener = {
  started(task: Task, startedAt: number): void
  over(task: Task, ends: ContainerEnd[]): void
}

type Found = Map<string, StartedRecord | 'never-ran' | 'lost'>

/** Runs the containers of tasks on an engine as `taskStep` decides. */
export class TaskRunner {
  private readonly options: TaskRunnerOptions
  private readonly listener: TaskListener
  /** All containers, by the id under which engine and log shipper know them. */
  private readonly runs = new Map<string, Run>()

  constructor(options: TaskRunnerOptions, listener: TaskListener) {
    this.options = options
    this.listener = listener
    options.engine.listen({
      started: (id, record) => this.started(id, record),
      ended: (id, end) => this.ended(id, end),
    })
  }

  keep(task: Task): void {
    for (const run of task.runs) this.runs.set(run.job.id, run)
  }

  drop(task: Task): void {
    for (const { job } of task.runs) this.runs.delete(job.id)
  }

  run(id: string): Run | undefined {
    return this.runs.get(id)
  }

  /** Reads what an earlier life of the agent noted of a task's containers, and follows what they printed. */
  restore(task: Task, facts: AttemptFacts): void {
    for (const run of task.runs) restoreRun(run, isSingle(task) ? facts : run.job.directory.facts())
  }

  /** Has the engine look for the containers that may run. */
  find(tasks: Iterable<Task>): Promise<Found> {
    const jobs = [...tasks].flatMap((task) =>
      task.report ? [] : task.runs.filter((run) => run.launched && !hasEnded(run)).map(({ job }) => job),
    )
    return this.options.engine.find(jobs)
  }

  /** Goes on with the containers of a restored task as the engine has found them. */
  takeUp(task: Task, found: Found): void {
    for (const run of task.runs) this.takeUpRun(run, found.get(run.job.id))
    task.isStarted = startOf(task) !== undefined
    // What is to be stopped, or is over, need not wait for word from outside.
    if (task.runs.some(({ launched }) => launched)) this.options.scheduler.later(0, () => this.proceed(task))
  }

  /** Does what follows from how far the task has come, until nothing more does. */
  proceed(task: Task): void {
    task.hasChanged = true
    if (task.isDeciding) return
    task.isDeciding = true
    while (task.hasChanged && !task.report) {
      task.hasChanged = false
      const { containers } = task.attempt.spec
      const progress = task.runs.map((run) => run.progress)
      this.act(task, taskStep(containers, progress, task.stop, this.options.clock.now()))
    }
    task.isDeciding = false
  }

  private act(task: Task, step: TaskStep): void {
    const now = this.options.clock.now()
    if (step.isOver) {
      const ends = task.runs.filter(hasEnded).map(({ progress }) => progress.end)
      return this.listener.over(task, ends)
    }
    for (const { index, reason } of step.giveUp) {
      this.endRun(task.runs[index]!, {
        how: 'not-started',
        stoppedAt: now,
        ...(reason === undefined ? {} : { reason }),
      })
    }
    if (task.hasChanged) return
    for (const { index, killAt } of step.stop) this.stopRun(task.runs[index]!, killAt)
    if (step.wakeAt !== undefined) this.wakeLater(task, step.wakeAt)
    // One at a time: what becomes of it decides about the others.
    const [first] = step.launch
    if (first !== undefined && task.mayLaunch) this.launch(task.runs[first]!)
  }

  private launch(run: Run): void {
    const { engine, directories, logs, clock } = this.options
    const { job, task } = run
    const since = clock.now()
    run.progress = { state: 'starting', since }
    task.hasChanged = true
    if (!isSingle(task)) {
      try {
        directories.makeContainer(job.directory)
        job.directory.note({ launched: since })
      } catch (error) {
        const reason = `CannotCreateContainerError: ${(error as Error).message}`
        return this.endRun(run, { how: 'start-failed', stoppedAt: since, reason })
      }
    }
    run.launched = true
    logs.follow(job.id, this.spoolOf(run))
    engine.launch(job)
  }

  private stopRun(run: Run, killAt: number): void {
    const { engine, scheduler, clock } = this.options
    if (!run.isTerminated) engine.terminate(run.job.id)
    run.isTerminated = true
    if (run.killAt !== undefined && run.killAt <= killAt) return
    run.killAt = killAt
    scheduler.later(Math.max(0, killAt - clock.now()), () => {
      if (!hasEnded(run) && run.killAt === killAt) engine.kill(run.job.id)
    })
  }

  private wakeLater(task: Task, at: number): void {
    if (task.wakeAt === at) return
    task.wakeAt = at
    this.options.scheduler.later(Math.max(0, at - this.options.clock.now()), () => {
      delete task.wakeAt
      this.proceed(task)
    })
  }

  private started(id: string, record: StartedRecord): void {
    const run = this.runs.get(id)
    if (run?.progress.state !== 'starting') return
    const { task, job, progress } = run
    run.progress = { state: 'running', since: progress.since, startedAt: record.startedAt }
    this.note(run, job.directory, { started: record })
    const startedAt = task.isStarted ? undefined : startOf(task)
    if (startedAt !== undefined) {
      task.isStarted = true
      this.listener.started(task, startedAt)
    }
    if (!isSingle(task)) this.proceed(task)
  }

  private ended(id: string, { how, stoppedAt, exitCode, reason }: EngineEnd): void {
    const run = this.runs.get(id)
    if (!run || hasEnded(run)) return
    const startedAt = run.progress.state === 'running' ? run.progress.startedAt : undefined
    const code = exitCode ?? (how === 'lost' && (run.isTerminated || run.task.stop) ? 137 : undefined)
    this.endRun(run, {
      how,
      ...(startedAt === undefined ? {} : { startedAt }),
      stoppedAt: Math.max(stoppedAt, startedAt ?? 0),
      ...(code === undefined ? {} : { exitCode: code }),
      ...(reason ? { reason } : {}),
    })
    this.proceed(run.task)
  }

  /** The end of a single container is noted as the task's. */
  private endRun(run: Run, end: ContainerEnd): void {
    const { task, job } = run
    const reason = end.reason?.slice(0, limits.containerReasonLength)
    const cut = reason === undefined ? end : { ...end, reason }
    run.progress = { state: 'ended', end: cut }
    task.hasChanged = true
    if (!run.launched) return
    if (!isSingle(task)) this.note(run, job.directory, { end: cut })
    this.options.logs.finish(job.id)
  }

  private takeUpRun(run: Run, found: StartedRecord | 'never-ran' | 'lost' | undefined): void {
    const { job, task, progress } = run
    const { engine, logs, clock, scheduler } = this.options
    const isOver = task.report !== undefined || hasEnded(run)
    if (!isOver && found === 'never-ran') {
      run.launched = false
      run.progress = { state: 'waiting' }
    }
    if (!run.launched) return
    logs.follow(job.id, this.spoolOf(run))
    if (isOver) logs.finish(job.id)
    else if (typeof found === 'object') {
      const since = 'since' in progress ? progress.since : found.startedAt
      run.progress = { state: 'running', since, startedAt: found.startedAt }
      engine.follow(job, found)
    } else {
      const reason = 'The container was gone when the agent came back'
      const end: EngineEnd = { how: 'lost', stoppedAt: clock.now(), reason }
      scheduler.later(0, () => this.ended(job.id, end))
    }
  }

  private spoolOf({ job }: Run): LogSpool {
    const { logGroup: group, logStreamPrefix } = job.container
    const { output, delivered } = job.directory
    const stream = `${logStreamPrefix}/${job.attemptId}`
    return new LogSpool({ output, delivered, group, stream, stamped: this.options.engine.stampsOutput })
  }

  /** A full disk must not stop the work: what cannot be written is only missing after a restart. */
  private note(run: Run, directory: AttemptDirectory, facts: AttemptFacts): void {
    try {
      directory.note(facts)
    } catch (error) {
      this.options.log(`attempt ${run.job.id}: ${(error as Error).message}`)
    }
  }
}

/** When the task began to run, if it has. */
export function startOf(task: Task): number | undefined {
  return taskStartedAt(
    task.attempt.spec.containers,
    task.runs.map((run) => run.progress),
  )
}

/** A container as its directory tells of it; of a single one, whether it was launched is for the engine to find. */
function restoreRun(run: Run, { launched, started, end }: AttemptFacts): void {
  run.launched = isSingle(run.task) || launched !== undefined
  if (end) run.progress = { state: 'ended', end }
  else if (started) {
    const { startedAt } = started
    run.progress = { state: 'running', since: launched ?? startedAt, startedAt }
  } else if (launched !== undefined) run.progress = { state: 'starting', since: launched }
}
