import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { Unavailable } from './checks.ts'
import { runProgram } from './child-program.ts'
import type { ClientRun } from './client-run.ts'

/** A virtual environment that holds exactly the versions of a requirements file. */
export type PythonEnvironment = {
  /** Its folder of programs, to be put first in a PATH. */
  bin: string
  /** The variables that a program in it runs with; nothing of the caller's AWS or Python settings is among them. */
  env: Record<string, string>
}

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'longshore-clients')
const support = import.meta.dirname

/**
 * Installs a requirements file, which must name every package and its exact version, unless it was installed before:
 * environments are kept in the user's cache, named by what is in them. Rejects with Unavailable where there is no
 * Python to do it with or no package index to be reached.
 */
export async function pythonEnvironment(run: ClientRun, requirements: string): Promise<PythonEnvironment> {
  const python = await pythonVersion(run)
  const name = createHash('sha256')
    .update(python)
    .update(readFileSync(requirements))
    .digest('hex')
    .slice(0, 16)
  const directory = join(cache, name)
  mkdirSync(cache, { recursive: true })
  // Two runs at a time must not both build it.
  const command = ['flock', `${directory}.lock`, 'sh', '-c', build, 'build', directory, requirements]
  const { exitCode, lines } = await runProgram({ command, env: process.env, signal: run.signal })
  if (exitCode !== 0) {
    const told = lines.join('\n')
    if (noIndex.test(told)) throw new Unavailable('the package index cannot be reached')
    throw new Error(`${requirements} cannot be installed:\n${told}`)
  }
  const bin = join(directory, 'bin')
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: run.folder,
    LANG: 'C.UTF-8',
    PYTHONPATH: support,
    PYTHONUNBUFFERED: '1',
    PYTHONPYCACHEPREFIX: join(cache, 'bytecode'),
  }
  return { bin, env }
}

/** The mark is made last: an environment without it was left half built. */
const build = `set -e
[ ! -e "$1/complete" ] || exit 0
rm -rf "$1"
python3 -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile -r "$2"
touch "$1/complete"`

/** What pip says when it reaches no index, as against one that lacks what it was asked for. */
const noIndex = /NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError|connection broken by/

async function pythonVersion(run: ClientRun): Promise<string> {
  const command = ['python3', '-c', 'import ensurepip, sys, venv; print(sys.version, sys.prefix)']
  try {
    const { exitCode, lines } = await runProgram({ command, env: process.env, signal: run.signal })
    if (exitCode === 0) return lines.join()
  } catch {
    run.signal.throwIfAborted()
  }
  throw new Unavailable('there is no python3 that can make virtual environments')
}

/** Runs a Python program in `directory`. Its checks' lines count; it ends with 0 or 1, as they pass or fail. */
export async function runPythonChecks(
  run: ClientRun,
  environment: PythonEnvironment,
  script: string,
  directory: string,
  more: Record<string, string>,
): Promise<void> {
  const before = run.checks.count.failed
  const { exitCode } = await runProgram({
    command: [join(environment.bin, 'python'), script],
    env: { ...environment.env, ...more },
    cwd: directory,
    onLine: (line) => run.checks.relay(line),
    signal: run.signal,
  })
  if (exitCode !== 0 && run.checks.count.failed === before) {
    run.checks.fail(basename(script), `it ended with exit code ${exitCode}`)
  }
}
