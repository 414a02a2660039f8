import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli-error.ts'
import { writePrivateFile } from './private-file.ts'
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts'

const endingMs = 5_000

/** The children of a server, in a file, so that a server that was killed does not leave them to their own devices. */
export class ProcessRecord {
  private readonly path: string
  private readonly processes: Record<string, ProcessIdentity> = {}

  constructor(path: string) {
    this.path = path
  }

  /** Ends what an earlier server on this file has left running. Throws CliError if it will not end. */
  async endLeftovers(): Promise<void> {
    for (const [name, identity] of Object.entries(this.load())) {
      if (isSameProcess(identity)) process.kill(identity.pid, 'SIGKILL')
      const deadline = performance.now() + endingMs
      while (isSameProcess(identity)) {
        if (performance.now() > deadline) {
          throw new CliError(`an earlier ${name} (process ${identity.pid}) is still running`)
        }
        await sleep(10)
      }
    }
    this.save()
  }

  /** Notes a child that has just been started. */
  set(name: string, pid: number): void {
    const identity = identifyProcess(pid)
    if (identity) this.processes[name] = identity
    this.save()
  }

  private load(): Record<string, ProcessIdentity> {
    return existsSync(this.path) ? JSON.parse(readFileSync(this.path, 'utf8')) : {}
  }

  private save(): void {
    writePrivateFile(this.path, `${JSON.stringify(this.processes, null, 2)}\n`)
  }
}
