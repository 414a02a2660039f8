import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AcceptedAttempt, EndedReport, StopCause } from './ports.ts'

/** `record.json`: the attempt as it was accepted and the GPUs set aside for it. */
export type AttemptRecord = { attempt: AcceptedAttempt; gpus: string[] }
/** `started.json`; `pid` and `startTicks` of a process, `containerId` of a container. */
export type StartedRecord = { startedAt: number; pid?: number; startTicks?: number; containerId?: string }
/** `stop.json`: written before the first signal. */
export type StopRecord = { cause: StopCause; killAt: number }

type Records = {
  'record.json': AttemptRecord
  'started.json': StartedRecord
  'stop.json': StopRecord
  'ended.json': EndedReport
}

/**
 * One attempt's place on disk, `attempts/{attempt id}/` in the data directory:
 *
 *     record.json started.json stop.json ended.json    what is known of it, each written once its fact holds
 *     work/                                            the working directory of a process
 *     output                                           what it printed (`log-spool.ts`)
 *     delivered                                        which of that was sent and acknowledged
 *     shim                                             a process's own notes: its pid, its exit status
 *
 * Writes are small and synchronous and never synced: they are to survive the agent, not the machine. A record torn
 * by the agent's death reads as absent.
 */
export class AttemptDirectory {
  readonly path: string
  readonly work: string
  readonly output: string
  readonly delivered: string
  readonly shim: string

  constructor(path: string) {
    this.path = path
    this.work = join(path, 'work')
    this.output = join(path, 'output')
    this.delivered = join(path, 'delivered')
    this.shim = join(path, 'shim')
  }

  /** Makes the directory and its record. A directory that is already there is kept. */
  create(record: AttemptRecord): void {
    mkdirSync(this.path, { recursive: true, mode: 0o711 })
    this.write('record.json', record)
  }

  write<Name extends keyof Records>(name: Name, record: Records[Name]): void {
    writeFileSync(join(this.path, name), JSON.stringify(record), { mode: 0o600 })
  }

  /** The record, or undefined where there is none, or none that is whole. */
  read<Name extends keyof Records>(name: Name): Records[Name] | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, name), 'utf8')) as Records[Name]
    } catch {
      return undefined
    }
  }

  /** What the shim noted, line by line, and when it last wrote. */
  readShim(): { lines: string[]; writtenAt: number } {
    const stats = statSync(this.shim, { throwIfNoEntry: false })
    if (!stats || stats.size === 0) return { lines: [], writtenAt: 0 }
    const lines = readFileSync(this.shim, 'latin1').split('\n').slice(0, -1)
    return { lines, writtenAt: Math.floor(stats.mtimeMs) }
  }

  /** Removes everything. What a job left in its working directory may take long and is removed in the background. */
  async erase(): Promise<void> {
    try {
      rmdirSync(this.work)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        return rm(this.path, { recursive: true, force: true, maxRetries: 3 })
      }
    }
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** The attempts kept below `path`. What has no whole record was never begun and is removed. */
export function readAttemptDirectories(
  path: string,
): { directory: AttemptDirectory; record: AttemptRecord }[] {
  const found: { directory: AttemptDirectory; record: AttemptRecord }[] = []
  for (const name of readdirSync(path).sort()) {
    const directory = new AttemptDirectory(join(path, name))
    const record = directory.read('record.json')
    if (record) found.push({ directory, record })
    else rmSync(directory.path, { recursive: true, force: true })
  }
  return found
}
