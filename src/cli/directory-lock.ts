import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a directory's lock file for as long as this process lives. SQLite's exclusive lock is the kernel's own
 * (fcntl), so that it ends with its holder, however that one dies, and there is no stale lock to guess about.
 * Undefined when another process holds it.
 */
export function lockFile(path: string): { release: () => void } | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    const busy = 5
    if ((error as { errcode?: number }).errcode === busy) return undefined
    throw error
  }
  return { release: () => database.close() }
}
