import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AcceptedAttempt, EndedReport, StopCause } from './ports.ts'
import type { ContainerEnd } from './task-lifecycle.ts'

/** The attempt as it was accepted and the GPUs set aside for it. */
export type AttemptRecord = { attempt: AcceptedAttempt; gpus: string[] }
/** `pid` and `startTicks` of a process, `containerId` of a container. */
export type StartedRecord = { startedAt: number; pid?: number; startTicks?: number; containerId?: string }
/** Noted before the first signal. */
export type StopRecord = { cause: StopCause; at: number; killAt: number }

/** What is known of an attempt, fact by fact. `shim` (its pid) and `exit` (the status) are a process's own notes. */
export type AttemptFacts = {
  record?: AttemptRecord
  started?: StartedRecord
  stop?: StopRecord
  ended?: EndedReport
  /** Of one of several containers only: when its start was begun, and its end. */
  launched?: number
  end?: ContainerEnd
  shim?: number
  exit?: number
}

/** In the directory of an attempt of several containers. */
export const containersFolder = 'containers'

/**
 * One attempt's place on disk:
 *
 *     journal      one fact a line, `{"name":…}`, appended once it holds
 *     output       what the attempt printed (`log-spool.ts`)
 *     delivered    which of that was sent and acknowledged
 *     work/        the working directory of a process
 *     stop         a process has been asked to end (`process-shim.ts`)
 *     containers/  of an attempt of several containers: a place like this for each, by its number
 *
 * Appends are small and never synced: they are to survive the agent, not the machine. Every fact begins a line of its
 * own, so that one torn by the agent's death spoils no other.
 */
export class AttemptDirectory {
  readonly path: string
  readonly journal: string
  readonly output: string
  readonly delivered: string
  readonly work: string

  constructor(path: string) {
    this.path = path
    this.journal = join(path, 'journal')
    this.output = join(path, 'output')
    this.delivered = join(path, 'delivered')
    this.work = join(path, 'work')
  }

  ofContainer(index: number): AttemptDirectory {
    return new AttemptDirectory(join(this.path, containersFolder, String(index)))
  }

  note(facts: AttemptFacts): void {
    appendFileSync(this.journal, `\n${JSON.stringify(facts)}`)
  }

  /** The facts, the newest of each name; none where there is no journal. */
  facts(): AttemptFacts {
    const facts: AttemptFacts = {}
    for (const line of readLines(this.journal)) {
      try {
        Object.assign(facts, JSON.parse(line))
      } catch {}
    }
    return facts
  }

  /** When the last fact was noted. */
  notedAt(): number {
    return Math.floor(statSync(this.journal).mtimeMs)
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
