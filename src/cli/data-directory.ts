import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CliError } from './cli-error.ts'
import { lockFile } from './directory-lock.ts'
import { writePrivateFile } from './private-file.ts'

/** What marks a directory as ours. `provisioned` once the first start has made its environment and queue. */
type Mark = { format: number; deployment: string; createdAt: string; provisioned: boolean }

export type DataDirectory = {
  /** Absolute. */
  path: string
  /** As the user wrote it. */
  shown: string
  provisioned: boolean
  markProvisioned: () => void
  /** Lets another process have it. */
  release: () => void
}

const format = 1
const markName = 'longshore.json'
const lockName = 'lock'
/** What a start that was cut off may leave before its mark. */
const beforeMark = new Set([lockName, `${lockName}-journal`, `${markName}.tmp`])

/**
 * Opens a deployment's directory for this process alone, making it if need be (0700). Two servers on one state
 * would corrupt it unseen, so a directory in use is refused, as is one that is unwritable or holds something else.
 * Throws CliError.
 */
export function openDataDirectory(shown: string): DataDirectory {
  const path = resolve(shown)
  const markPath = join(path, markName)
  try {
    makeDirectory(path)
    const foreign = readdirSync(path).filter((name) => !beforeMark.has(name))
    if (foreign.length > 0 && !existsSync(markPath)) {
      throw new CliError(
        `${shown} is not empty and is no Longshore data directory; choose another with --data`,
      )
    }
    const lock = lockFile(join(path, lockName))
    if (!lock) throw new CliError(`${shown} is in use by another longshore dev`)
    const mark = readMark(markPath, shown) ?? createMark(path, markPath)
    return {
      path,
      shown,
      provisioned: mark.provisioned,
      markProvisioned: () => saveMark(markPath, { ...mark, provisioned: true }),
      release: lock.release,
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`cannot use the data directory ${shown}: ${(error as Error).message}`)
  }
}

/** With its parents. Node's own `recursive` never returns below /proc, where making a directory fails with ENOENT. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

function readMark(markPath: string, shown: string): Mark | undefined {
  if (!existsSync(markPath)) return undefined
  const mark = JSON.parse(readFileSync(markPath, 'utf8')) as Mark
  if (mark.format === format) return mark
  throw new CliError(`${shown} has data format ${mark.format}; this version reads format ${format}`)
}

function createMark(path: string, markPath: string): Mark {
  chmodSync(path, 0o700)
  const mark = {
    format,
    deployment: randomUUID(),
    createdAt: new Date().toISOString(),
    provisioned: false,
  }
  saveMark(markPath, mark)
  return mark
}

function saveMark(markPath: string, mark: Mark): void {
  writePrivateFile(markPath, `${JSON.stringify(mark, null, 2)}\n`)
}
