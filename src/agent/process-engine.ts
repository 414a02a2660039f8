import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, closeSync, openSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Clock, Scheduler } from '../runtime/clock.ts'
import type { AttemptDirectory, StartedRecord } from './attempt-directory.ts'
import type { Engine, EngineEnd, EngineJob, EngineListener } from './engine.ts'
import type { MemoryCgroups } from './memory-cgroups.ts'
import { processEnvironment, unfitCommand } from './process-environment.ts'
import { shimCommand, stopMark, unfitEnvironment } from './process-shim.ts'
import { findShims, signalGroup, startTicksOf } from './process-table.ts'

/** How often a process is looked at that an earlier life of the agent started. */
const adoptedPollMs = 100
const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'

export type ProcessEngineOptions = {
  injectEnvironment: Record<string, string>
  /** Absent where memory limits cannot be set. */
  cgroups: MemoryCgroups | undefined
  clock: Clock
  scheduler: Scheduler
}

/** Runs every attempt as a process group of this machine. The image is ignored. */
export class ProcessEngine implements Engine {
  readonly runtime = 'process'
  readonly stampsOutput = false
  private readonly options: ProcessEngineOptions
  private readonly leaders = new Map<string, { pid: number; directory: AttemptDirectory }>()
  private listener: EngineListener | undefined

  constructor(options: ProcessEngineOptions) {
    this.options = options
  }

  listen(listener: EngineListener): void {
    this.listener = listener
  }

  async find(jobs: EngineJob[]): Promise<Map<string, StartedRecord | 'never-ran'>> {
    this.options.cgroups?.removeOthers(new Set(jobs.map((job) => job.id)))
    const found = new Map<string, StartedRecord | 'never-ran'>()
    let shims: Map<string, number> | undefined
    for (const job of jobs) {
      const { started, shim } = job.directory.facts()
      if (started) {
        found.set(job.id, started)
        continue
      }
      // The agent died between starting the shim and noting it.
      shims ??= findShims()
      const pid = shims.get(job.id) ?? shim
      const startTicks = shims.has(job.id) ? (startTicksOf(pid!) ?? 0) : 0
      const startedAt = job.directory.notedAt()
      found.set(job.id, pid === undefined ? 'never-ran' : { startedAt, pid, startTicks })
    }
    return found
  }

  launch(job: EngineJob): void {
    const { container } = job
    const environment = processEnvironment(job, this.options.injectEnvironment)
    const unfit =
      unfitCommand(container.command, environment.PATH ?? '', job.directory.work) ??
      unfitEnvironment(environment)
    if (unfit) return this.failToStart(job, unfit)
    const user = parseUser(container.user)
    if (typeof user === 'string') return this.failToStart(job, user)
    try {
      const { child, startedAt } = this.spawn(job, environment, user)
      child.once('error', (error) => this.failToStart(job, error.message))
      const { pid } = child
      if (pid === undefined) return
      this.leaders.set(job.id, { pid, directory: job.directory })
      child.once('exit', (code, signal) => this.exited(job, code ?? 128 + constants.signals[signal!]))
      const startTicks = startTicksOf(pid)
      this.listener?.started(job.id, {
        startedAt,
        pid,
        ...(startTicks === undefined ? {} : { startTicks }),
      })
    } catch (error) {
      this.failToStart(job, (error as Error).message)
    }
  }

  follow(job: EngineJob, started: StartedRecord): void {
    const pid = started.pid!
    if (startTicksOf(pid) === started.startTicks) this.leaders.set(job.id, { pid, directory: job.directory })
    const look = () => {
      const startTicks = startTicksOf(pid)
      if (startTicks === started.startTicks) {
        this.options.scheduler.later(adoptedPollMs, look)
        return
      }
      const { exit } = job.directory.facts()
      this.leaders.delete(job.id)
      // Another process has its number only if nothing of the group is left.
      if (startTicks === undefined) signalGroup(pid, 'SIGKILL')
      if (exit === undefined) {
        this.end(job, { how: 'lost', stoppedAt: this.options.clock.now(), ...this.lossReason(job) })
      } else this.exited(job, exit, job.directory.notedAt())
    }
    this.options.scheduler.later(0, look)
  }

  terminate(id: string): void {
    const leader = this.leaders.get(id)
    if (!leader) return
    try {
      writeFileSync(join(leader.directory.work, stopMark), '')
    } catch {}
    signalGroup(leader.pid, 'SIGTERM')
  }

  kill(id: string): void {
    const leader = this.leaders.get(id)
    if (leader) signalGroup(leader.pid, 'SIGKILL')
  }

  async remove(jobs: EngineJob[]): Promise<void> {
    for (const { id } of jobs) this.options.cgroups?.remove(id)
  }

  close(): void {
    this.listener = undefined
    this.options.cgroups?.close()
  }

  private spawn(
    job: EngineJob,
    environment: Record<string, string>,
    user: { uid?: number; gid?: number },
  ): { child: ChildProcess; startedAt: number } {
    const { id, container, directory } = job
    if (user.uid !== undefined) chownSync(directory.work, user.uid, user.gid ?? user.uid)
    const opened: number[] = []
    try {
      opened.push(openSync(directory.output, 'a'), openSync(directory.journal, 'a'))
      const [output, journal] = opened as [number, number]
      const group = this.options.cgroups?.create(id, container.resources.memoryMiB)
      if (group) opened.push(openSync(group, 'w'))
      const { file, args } = shimCommand({
        id,
        command: container.command,
        environment,
        ulimits: container.ulimits ?? [],
        joinsCgroup: group !== undefined,
      })
      const startedAt = this.options.clock.now()
      const child = spawn(file, args, {
        cwd: directory.work,
        env: environment,
        detached: true,
        stdio: ['ignore', output, output, journal, ...opened.slice(2)],
        ...user,
      })
      child.unref()
      return { child, startedAt }
    } finally {
      for (const file of opened) closeSync(file)
    }
  }

  private exited(job: EngineJob, exitCode: number, stoppedAt = this.options.clock.now()): void {
    // As in a container, nothing outlives the main process.
    this.kill(job.id)
    this.options.cgroups?.kill(job.id)
    const isOutOfMemory = exitCode !== 0 && this.options.cgroups?.wasKilled(job.id)
    this.end(job, { how: 'exited', stoppedAt, exitCode, ...(isOutOfMemory ? { reason: outOfMemory } : {}) })
  }

  private lossReason(job: EngineJob): { reason: string } {
    if (this.options.cgroups?.wasKilled(job.id)) return { reason: outOfMemory }
    return { reason: 'The process was gone when the agent came back' }
  }

  private failToStart(job: EngineJob, why: string): void {
    const reason = `CannotStartContainerError: ${why}`
    this.end(job, { how: 'start-failed', stoppedAt: this.options.clock.now(), reason })
  }

  private end(job: EngineJob, end: EngineEnd): void {
    this.leaders.delete(job.id)
    this.listener?.ended(job.id, end)
  }
}

/** `uid` or `uid:gid` for spawn, or why the user cannot be had. Names are an image's, and there is no image. */
function parseUser(user: string | undefined): { uid?: number; gid?: number } | string {
  if (!user) return {}
  const match = /^(\d+)(?::(\d+))?$/.exec(user)
  if (!match) return `user ${user}: the process runtime knows users by number only (uid or uid:gid)`
  const uid = Number(match[1])
  const gid = Number(match[2] ?? match[1])
  if (process.getuid?.() === uid && match[2] === undefined) return {}
  if (process.getuid?.() !== 0) return `user ${user}: the agent is not root and cannot change users`
  return { uid, gid }
}
