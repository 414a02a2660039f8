import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { AttemptDirectories } from '../../src/agent/attempt-directories.ts'
import type { Engine } from '../../src/agent/engine.ts'
import { HostRuntime } from '../../src/agent/host-runtime.ts'
import { LogShipper } from '../../src/agent/log-shipper.ts'
import { nodeScheduler } from '../../src/agent/node-scheduler.ts'
import type { EndedReport, RecoveredAttempt } from '../../src/agent/ports.ts'
import type { AgentMessage } from '../../src/protocol/agent-protocol.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { attemptIdOf } from './attempts.ts'

/** A host runtime on an engine, without an agent: what it tells is kept, its output is acknowledged at once. */
export class HostRig {
  readonly runtime: HostRuntime
  readonly recovered: RecoveredAttempt[]
  readonly logged: string[]
  readonly path: string
  private readonly logs: LogShipper
  private readonly starts = new Map<string, number>()
  private readonly ends = new Map<string, EndedReport>()
  private readonly printed = new Map<string, string[]>()
  private readonly drained = new Set<string>()
  private readonly watchers = new Set<() => void>()

  /** `path` is where the attempts' directories are. The engine is closed when the test ends. */
  static async open(engine: Engine, path: string, gpus: string[] = []): Promise<HostRig> {
    const logged: string[] = []
    const log = (line: string) => void logged.push(line)
    const scheduler = nodeScheduler(log)
    const logs: LogShipper = new LogShipper({
      link: { send: (message) => rig.heard(message) },
      clock: systemClock,
      scheduler,
      drained: (id) => queueMicrotask(() => rig.wasDrained(id)),
    })
    const directories = new AttemptDirectories(path)
    const ports = { engine, logs, gpus, clock: systemClock, scheduler, log }
    const runtime = await HostRuntime.open({ directories, ...ports })
    const rig: HostRig = new HostRig(runtime, logs, path, logged)
    logs.opened()
    onTestFinished(() => engine.close())
    return rig
  }

  private constructor(runtime: HostRuntime, logs: LogShipper, path: string, logged: string[]) {
    this.runtime = runtime
    this.logs = logs
    this.path = path
    this.logged = logged
    this.recovered = runtime.recover({
      started: (attemptId, startedAt) => {
        this.starts.set(attemptId, startedAt)
        this.changed()
      },
      ended: (report) => {
        this.ends.set(report.attemptId, report)
        this.changed()
      },
    })
  }

  startedAt(n: number): number | undefined {
    return this.starts.get(attemptIdOf(n))
  }

  /** What a container of the n-th attempt has printed so far. */
  output(n: number, container = 'default'): string[] {
    return this.printed.get(`test/${container}/${attemptIdOf(n)}`) ?? []
  }

  /** The end of the n-th attempt, once all it printed has come, too, if it was ever begun. */
  async end(n: number): Promise<EndedReport> {
    const attemptId = attemptIdOf(n)
    const isGone = () => !existsSync(join(this.path, attemptId))
    const isDrained = () => [...this.launched(attemptId)].every((id) => this.drained.has(id))
    await this.until(() => this.ends.has(attemptId) && (isGone() || isDrained()))
    return this.ends.get(attemptId)!
  }

  /** Resolves when `condition` holds; it is looked at whenever something is told. */
  async until(condition: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (condition()) resolve()
    }
    this.watchers.add(look)
    look()
    await promise.finally(() => this.watchers.delete(look))
  }

  /** The ids under which the containers of an attempt are known that have been launched. */
  private launched(attemptId: string): string[] {
    const containers = join(this.path, attemptId, 'containers')
    if (!existsSync(containers)) return [attemptId]
    return readdirSync(containers).map((index) => `${attemptId}-${index}`)
  }

  private heard(message: AgentMessage): void {
    if (message.type !== 'logs') return
    for (const { stream, events } of message.batches) {
      const lines = this.printed.get(stream) ?? []
      this.printed.set(stream, [...lines, ...events.map(([, text]) => text)])
    }
    setImmediate(() => {
      this.logs.settled(message.id)
      this.changed()
    })
  }

  private wasDrained(attemptId: string): void {
    this.drained.add(attemptId)
    this.runtime.drained(attemptId)
    this.changed()
  }

  private changed(): void {
    for (const look of [...this.watchers]) look()
  }
}
