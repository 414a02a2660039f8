import { readdirSync, readFileSync } from 'node:fs'
import { attemptMark } from './process-shim.ts'

/** The start time of a live process in clock ticks since boot: with its pid, its identity. Undefined: dead or a zombie. */
export function startTicksOf(pid: number): number | undefined {
  try {
    // proc_pid_stat(5): the name may hold anything, the state and field 22 come behind its closing parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

/** The shims that run on this machine, by the id of their `EngineJob`. */
export function findShims(): Map<string, number> {
  const found = new Map<string, number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const id = shimOf(pid)
    if (id) found.set(id, pid)
  }
  return found
}

/** The job whose shim the process is, if it is one. Only a session's leader can be: its subshell shares its words. */
function shimOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    if (words[1] !== '-c' || !words[3]?.startsWith(attemptMark)) return undefined
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])
    return session === pid ? words[3].slice(attemptMark.length) : undefined
  } catch {
    return undefined
  }
}

/** Sends a signal to a whole process group; one that is gone is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
