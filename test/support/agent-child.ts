import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** A real agent in a process of its own. */
export class AgentChild {
  readonly process: ChildProcess
  output = ''
  private readonly watchers = new Set<() => void>()

  constructor(url: string, directory: string, args: string[] = [], environment: Record<string, string> = {}) {
    const words = [main, 'agent', '--url', url, '--environment', 'local', '--data', directory]
    this.process = spawn(process.execPath, [...words, '--runtime', 'process', ...args], {
      env: { PATH: process.env.PATH, LONGSHORE_AGENT_TOKEN: 'agent-token', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        for (const look of [...this.watchers]) look()
      })
    }
  }

  get pid(): number {
    return this.process.pid!
  }

  /** Resolves when the agent has printed `text`. */
  async says(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (this.output.includes(text)) resolve()
    }
    this.watchers.add(look)
    look()
    await promise.finally(() => this.watchers.delete(look))
  }

  /** Sends a signal and resolves with the exit code when the process has ended. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode
    const exit = once(this.process, 'exit')
    this.process.kill(signal)
    const [code] = await exit
    return code as number | null
  }

  /** Resolves with the exit code when the process ends by itself. */
  async exit(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
    return this.process.exitCode
  }
}
