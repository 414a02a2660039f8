import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processesUsing } from '../../../examples/flight-delays/processes-using.ts'
import { Checks, summary, Unavailable } from './checks.ts'

/** One client's checks under way. */
export type ClientRun = {
  checks: Checks
  /** Removed at the end, when every process that uses it has been ended. */
  folder: string
  /** Aborted when the time is up or the program is told to stop. */
  signal: AbortSignal
  /** Has something done at the end, the last first. */
  atEnd: (cleanUp: () => Promise<unknown>) => void
}

/**
 * Makes a client's checks and ends the program with the line that counts them; exit code 1 if any failed or none was made.
 * What the machine cannot have (`Unavailable`) is skipped, and said so. Fails when it takes longer than `limitMs`.
 */
export async function runClient(name: string, limitMs: number, body: (run: ClientRun) => Promise<void>) {
  const checks = new Checks()
  const folder = mkdtempSync(join(tmpdir(), `longshore-${name}-`))
  const stop = new AbortController()
  for (const told of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(told, () => stop.abort(told))
  const timer = setTimeout(() => stop.abort(new Error(`not done in ${limitMs / 1000} s`)), limitMs)
  const cleanUps: (() => Promise<unknown>)[] = []
  try {
    await body({ checks, folder, signal: stop.signal, atEnd: (cleanUp) => cleanUps.push(cleanUp) })
  } catch (error) {
    if (error instanceof Unavailable) checks.skip(name, error.message)
    else checks.fail(`${name} as a whole`, stop.signal.reason ?? error)
  }
  clearTimeout(timer)
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
  for (const left of processesUsing(folder)) process.kill(left, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  console.log(summary(checks.count))
  const { passed, failed, skipped } = checks.count
  process.exit(failed === 0 && passed + skipped > 0 ? 0 : 1)
}
