import { existsSync } from 'node:fs'
import type { Ulimit } from '../core/model/job-definition.ts'

/** Begins the name under which a shim runs; the id of its `EngineJob` follows. */
export const attemptMark = 'longshore-attempt-'

/**
 * Put beside the working directory before the job is first asked to end: between its shell's fork and its own beginning
 * nobody hears a signal, and what begins then looks for this.
 */
export const stopMark = '../stop'

export type ShimOptions = {
  id: string
  command: string[]
  environment: Record<string, string>
  ulimits: Ulimit[]
  /** Descriptor 4 is the file of a cgroup that `0` is written to in order to join it. */
  joinsCgroup: boolean
}

const bash = '/bin/bash'

/**
 * The shell that stands between the agent and a job, so that the exit status is in the journal (descriptor 3) whether
 * or not an agent is there to see it. It notes its own pid first: without that, the job certainly has not run.
 *
 * The shell ignores the signals it shares with the job, whose own process has them as usual. `exec` in a subshell takes
 * the command from PATH, never from the shell's built-ins. What shells export of their own is unset.
 */
export function shimCommand(options: ShimOptions): { file: string; args: string[] } {
  const steps = [
    'trap : HUP INT QUIT PIPE ALRM TERM USR1 USR2',
    `printf '\\n{"shim":%d}' $$ >&3 || exit 125`,
    ...(options.joinsCgroup ? ['echo 0 >&4'] : []),
    ...(options.ulimits.length > 0
      ? [`prlimit --pid $$ ${options.ulimits.map(prlimitOption).join(' ')}`]
      : []),
    `([ ! -e ${stopMark} ] || exit 143; unset PWD OLDPWD SHLVL _; exec 3>&- 4>&-; exec "$@")`,
    'c=$?',
    `printf '\\n{"exit":%d}' $c >&3`,
    'exit $c',
  ]
  const args = ['-c', steps.join('\n'), attemptMark + options.id, ...options.command]
  return { file: needsBash(options.environment) ? bash : '/bin/sh', args }
}

/** Why a command with this environment cannot be started, or undefined. */
export function unfitEnvironment(environment: Record<string, string>): string | undefined {
  if (!needsBash(environment) || existsSync(bash)) return undefined
  const name = Object.keys(environment).find((candidate) => !isShellName(candidate))
  return `the process runtime needs ${bash} to pass on the environment variable ${name}`
}

/** POSIX shells drop variables whose names they could not write; bash passes them on. */
function needsBash(environment: Record<string, string>): boolean {
  return !Object.keys(environment).every(isShellName)
}

function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

/** prlimit(1) has an option for every limit that the Batch API names. */
function prlimitOption(ulimit: Ulimit): string {
  const value = (limit: number) => (limit < 0 ? 'unlimited' : String(Math.trunc(limit)))
  const name = ulimit.name.replace(/[^a-z]/g, '')
  return `--${name}=${value(ulimit.softLimit)}:${value(ulimit.hardLimit)}`
}
