import type { ChildProcess } from 'node:child_process'
import { CliError } from './cli-error.ts'

export type SupervisedChildOptions = {
  /** As it is called in messages. */
  name: string
  spawn: () => ChildProcess
  /** After each start that gave a process. */
  onStart: (pid: number) => void
  say: (line: string) => void
  /** How long SIGTERM may take before SIGKILL. */
  graceMs: number
}

const firstDelayMs = 100
const longestDelayMs = 10_000
const healthyAfterMs = 60_000

/** How long to wait before the next start after so many quick deaths in a row: 100 ms, doubling to 10 s. */
export function restartDelayMs(failures: number): number {
  return Math.min(firstDelayMs * 2 ** Math.min(failures, 20), longestDelayMs)
}

/** A child process that is started again, with back-off, from when it was first ready until it is stopped. */
export class SupervisedChild {
  private readonly options: SupervisedChildOptions
  private readonly diedEarly = Promise.withResolvers<never>()
  private readonly stopped = Promise.withResolvers<void>()
  private child: ChildProcess | undefined
  private restart: NodeJS.Timeout | undefined
  private failures = 0
  private phase: 'starting' | 'supervised' | 'stopping' = 'starting'

  constructor(options: SupervisedChildOptions) {
    this.options = options
  }

  /** Starts the child and resolves once `ready` does. Throws CliError if the child ends before, and leaves it at that. */
  async start(ready: Promise<unknown>): Promise<void> {
    this.launch()
    await Promise.race([ready, this.diedEarly.promise])
    if (this.phase === 'starting') this.phase = 'supervised'
  }

  /** SIGTERM, then SIGKILL after the grace. Resolves once the process is gone. */
  async stop(): Promise<void> {
    this.phase = 'stopping'
    clearTimeout(this.restart)
    if (!this.child) return
    this.child.kill('SIGTERM')
    const kill = setTimeout(() => this.kill(), this.options.graceMs)
    await this.stopped.promise
    clearTimeout(kill)
  }

  /** Ends the process at once; a supervised one is started again. */
  kill(): void {
    this.child?.kill('SIGKILL')
  }

  private launch(): void {
    const startedAt = performance.now()
    const child = this.options.spawn()
    this.child = child
    child.once('exit', (code, signal) => this.ended(signal ?? `exit code ${code}`, startedAt))
    child.once('error', (error) => {
      if (child.pid === undefined) this.ended(error.message, startedAt)
    })
    if (child.pid !== undefined) this.options.onStart(child.pid)
  }

  private ended(how: string, startedAt: number): void {
    const { name, say } = this.options
    this.child = undefined
    if (this.phase === 'stopping') return this.stopped.resolve()
    if (this.phase === 'starting') {
      return this.diedEarly.reject(new CliError(`${name} ended before it was ready (${how})`))
    }
    if (performance.now() - startedAt >= healthyAfterMs) this.failures = 0
    const delayMs = restartDelayMs(this.failures++)
    say(`${name} ended (${how}); starting it again in ${delayMs} ms`)
    this.restart = setTimeout(() => this.launch(), delayMs)
  }
}
