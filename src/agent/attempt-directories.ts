import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AttemptDirectory, type AttemptFacts, containersFolder } from './attempt-directory.ts'
import { stopMark } from './process-shim.ts'

const mostSpares = 256
const sparePrefix = 'spare-'
const workMode = 0o755

/**
 * The directories of all attempts, `{attempt id}/` each. Those of ended attempts are emptied and used again: file
 * systems (ext4 above all) slow down where hundreds of files a second are made and removed.
 */
export class AttemptDirectories {
  private readonly path: string
  private readonly spares: string[] = []
  private made = 0

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true, mode: 0o711 })
  }

  /** The attempts an earlier life of the agent left here. What was never wholly recorded never began and is removed. */
  load(): { directory: AttemptDirectory; facts: AttemptFacts }[] {
    const found: { directory: AttemptDirectory; facts: AttemptFacts }[] = []
    for (const name of readdirSync(this.path).sort()) {
      const directory = new AttemptDirectory(join(this.path, name))
      const facts = name.startsWith(sparePrefix) ? {} : directory.facts()
      if (facts.record) found.push({ directory, facts })
      else rmSync(directory.path, { recursive: true, force: true })
    }
    return found
  }

  /** An empty directory with an empty journal and output. */
  make(attemptId: string): AttemptDirectory {
    const directory = new AttemptDirectory(join(this.path, attemptId))
    const spare = this.spares.pop()
    if (spare) {
      renameSync(spare, directory.path)
      return directory
    }
    fill(directory)
    return directory
  }

  /** Makes the directory of one of several containers, if it was not made before. */
  makeContainer(directory: AttemptDirectory): void {
    const parent = dirname(directory.path)
    mkdirSync(parent, { recursive: true })
    chmodSync(parent, 0o711)
    fill(directory)
  }

  /** Erases what an attempt left. Much of it is removed in the background. */
  async discard(directory: AttemptDirectory): Promise<void> {
    if (this.spares.length >= mostSpares || !isUntouched(directory)) {
      return rm(directory.path, { recursive: true, force: true, maxRetries: 3 })
    }
    truncateSync(directory.journal)
    truncateSync(directory.output)
    rmSync(directory.delivered, { force: true })
    rmSync(join(directory.work, stopMark), { force: true })
    const spare = join(this.path, `${sparePrefix}${this.made++}`)
    renameSync(directory.path, spare)
    this.spares.push(spare)
  }
}

function fill(directory: AttemptDirectory): void {
  mkdirSync(directory.work, { recursive: true })
  // Whatever the umask: a job may run as another user.
  chmodSync(directory.path, 0o711)
  chmodSync(directory.work, workMode)
  for (const file of [directory.journal, directory.output])
    writeFileSync(file, '', { mode: 0o600, flag: 'a' })
}

/** Whether nothing but the agent's own files is there. */
function isUntouched(directory: AttemptDirectory): boolean {
  const stats = statSync(directory.work, { throwIfNoEntry: false })
  return (
    stats !== undefined &&
    !existsSync(join(directory.path, containersFolder)) &&
    (stats.mode & 0o7777) === workMode &&
    stats.uid === process.getuid?.() &&
    readdirSync(directory.work).length === 0
  )
}
