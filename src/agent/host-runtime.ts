import { wholeCard } from '../core/model/resources.ts'
import type {
  AcceptedAttempt,
  EndedReport,
  RecoveredAttempt,
  Runtime,
  RuntimeListener,
  StopCause,
} from './ports.ts'
import { type ContainerEnd, taskEnd } from './task-lifecycle.ts'
import { containerMetadata, taskMetadata } from './task-metadata.ts'
import { newTask, type Run, type Task } from './task-run.ts'
import { startOf, TaskRunner, type TaskRunnerOptions } from './task-runner.ts'

export type HostRuntimeOptions = TaskRunnerOptions & {
  /** The identifiers of the host's GPUs; the environment says which of them an attempt gets. */
  gpus: readonly string[]
  /** Where a container can read about itself, given its id. Absent where it cannot. */
  metadataUri?: (id: string) => string
}

/** What the agent says of stops that nobody has just asked for. */
const stopReasons: Partial<Record<StopCause, string>> = {
  'timed-out': 'stopped, its time limit is over',
  'host-failed': 'stopped, the lease of this host is running out or another deployment has taken it over',
}

/**
 * Runs attempts on an engine and keeps what must outlive the agent in their directories. Their containers are the
 * runner's.
 */
export class HostRuntime implements Runtime {
  private readonly options: HostRuntimeOptions
  private readonly runner: TaskRunner
  private readonly tasks = new Map<string, Task>()
  private found: Awaited<ReturnType<TaskRunner['find']>> = new Map()
  private listener: RuntimeListener | undefined

  /** Reads what an earlier life of the agent left behind and has the engine look for it. */
  static async open(options: HostRuntimeOptions): Promise<HostRuntime> {
    const runtime = new HostRuntime(options)
    await runtime.load()
    return runtime
  }

  private constructor(options: HostRuntimeOptions) {
    this.options = options
    this.runner = new TaskRunner(options, {
      started: ({ attemptId }, startedAt) => this.listener?.started(attemptId, startedAt),
      over: (task, ends) => this.finish(task, ends),
    })
  }

  recover(listener: RuntimeListener): RecoveredAttempt[] {
    this.listener = listener
    return [...this.tasks.values()].map((task) => this.takeUp(task))
  }

  start(attempt: AcceptedAttempt): void {
    if (!this.tasks.has(attempt.attemptId)) this.accept(attempt)
    this.resume(attempt.attemptId)
  }

  resume(attemptId: string): void {
    const task = this.tasks.get(attemptId)
    if (!task || task.report) return
    task.mayLaunch = true
    this.runner.proceed(task)
  }

  stop(attemptId: string, cause: StopCause, graceMs: number): void {
    const task = this.tasks.get(attemptId)
    if (!task || task.report) return
    const now = this.options.clock.now()
    const killAt = now + graceMs
    const { stop } = task
    if (stop && stop.killAt <= killAt) return
    if (!stop && stopReasons[cause]) this.options.log(`attempt ${attemptId}: ${stopReasons[cause]}`)
    task.stop = { cause: stop?.cause ?? cause, at: stop?.at ?? now, killAt }
    this.save(task, () => task.directory.note({ stop: task.stop! }))
    this.runner.proceed(task)
  }

  forget(attemptId: string): void {
    const task = this.tasks.get(attemptId)
    if (!task) return
    task.forgotten = true
    this.eraseIfDone(task)
  }

  disown(attemptId: string): void {
    const task = this.tasks.get(attemptId)
    if (!task) return
    for (const { job } of task.runs) this.options.logs.drop(job.id)
    task.disowned = true
    if (task.report) return this.eraseIfDone(task)
    const longest = Math.max(...task.runs.map(({ job }) => job.container.stopTimeoutSeconds))
    this.stop(attemptId, 'host-failed', longest * 1000)
  }

  /** All that a container printed is stored. */
  drained(id: string): void {
    const run = this.runner.run(id)
    if (!run) return
    run.drained = true
    this.eraseIfDone(run.task)
  }

  /** What a container is told of itself, or of its task; undefined where it is not this host's any more. */
  metadata(id: string, of: 'container' | 'task'): object | undefined {
    const run = this.runner.run(id)
    const idOf = ({ job }: Run) =>
      this.options.engine.containerId?.(job.id) ?? job.directory.facts().started?.containerId ?? job.id
    return run && (of === 'task' ? taskMetadata(run.task, idOf) : containerMetadata(run, idOf))
  }

  private async load(): Promise<void> {
    for (const { directory, facts } of this.options.directories.load()) {
      const task = newTask(facts.record!, directory, this.options.metadataUri)
      if (facts.stop) task.stop = facts.stop
      if (facts.ended) task.report = facts.ended
      this.runner.restore(task, facts)
      this.keep(task)
    }
    this.found = await this.runner.find(this.tasks.values())
  }

  /**
   * Goes on where an earlier life of the agent left an attempt. It may be another host's by now: what has not been
   * launched waits for `start` or `resume`.
   */
  private takeUp(task: Task): RecoveredAttempt {
    const { attempt, report } = task
    this.runner.takeUp(task, this.found)
    if (report) return { attempt, state: 'ended', report }
    if (task.runs.every(({ launched }) => !launched)) return { attempt, state: 'accepted' }
    const startedAt = startOf(task)
    return startedAt === undefined ? { attempt, state: 'starting' } : { attempt, state: 'running', startedAt }
  }

  private accept(attempt: AcceptedAttempt): void {
    const { directories, clock } = this.options
    const { attemptId } = attempt
    try {
      const record = { attempt, gpus: this.gpusOf(attempt) }
      const directory = directories.make(attemptId)
      directory.note({ record })
      this.keep(newTask(record, directory, this.options.metadataUri))
    } catch (error) {
      const reason = `CannotCreateContainerError: ${(error as Error).message}`
      const cause = 'start-failed'
      this.listener?.ended({ attemptId, kind: 'ended', cause, stoppedAt: clock.now(), reason })
    }
  }

  /** The GPUs that the environment gave to an attempt. Throws where this host has not, or no longer, so many. */
  private gpusOf({ spec, cards = [] }: AcceptedAttempt): string[] {
    const { gpus } = this.options
    const wanted = Math.ceil(spec.resources.gpuMilli / wholeCard)
    if (cards.length < wanted || cards.some((card) => gpus[card] === undefined))
      throw new Error(
        `wants ${wanted} GPUs (${cards.join(', ') || 'none given'}), this host has ${gpus.length}`,
      )
    return cards.map((card) => gpus[card]!)
  }

  private keep(task: Task): void {
    this.tasks.set(task.attemptId, task)
    this.runner.keep(task)
  }

  private finish(task: Task, ends: ContainerEnd[]): void {
    const { attemptId, attempt, stop } = task
    const end = taskEnd(attempt.spec.containers, ends, stop?.cause)
    const report: EndedReport = { attemptId, kind: 'ended', ...end }
    task.report = report
    this.save(task, () => task.directory.note({ ended: report }))
    if (task.disowned) this.eraseIfDone(task)
    else this.listener?.ended(report)
  }

  private eraseIfDone(task: Task): void {
    const isDelivered = task.runs.every(({ drained, launched }) => drained || !launched)
    const done = task.disowned || (task.forgotten && isDelivered)
    if (!task.report || !done || !this.tasks.delete(task.attemptId)) return
    this.runner.drop(task)
    this.erase(task).catch((error) =>
      this.options.log(`attempt ${task.attemptId} is not erased: ${error.message}`),
    )
  }

  private async erase(task: Task): Promise<void> {
    await this.options.engine.remove(task.runs.map(({ job }) => job))
    await this.options.directories.discard(task.directory)
  }

  /** A full disk must not stop the work: what cannot be written is only missing after a restart. */
  private save(task: Task, write: () => void): void {
    try {
      write()
    } catch (error) {
      this.options.log(`attempt ${task.attemptId}: ${(error as Error).message}`)
    }
  }
}
