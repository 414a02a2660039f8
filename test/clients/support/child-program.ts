import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export type Program = {
  command: string[]
  env: NodeJS.ProcessEnv
  cwd?: string
  /** Called with each line of standard output and of standard error; without it they are kept alone. */
  onLine?: (line: string) => void
  /** Ends it, with all that it has started. */
  signal: AbortSignal
}

export type Finished = { exitCode: number | null; lines: string[] }

/** Runs a program to its end, in a process group of its own. Rejects only if it cannot be started or was ended. */
export async function runProgram(program: Program): Promise<Finished> {
  const { command, env, cwd, onLine, signal } = program
  signal.throwIfAborted()
  const [file, ...parameters] = command
  const child = spawn(file!, parameters, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const end = () => endGroup(child.pid)
  signal.addEventListener('abort', end)
  try {
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line)
        onLine?.(line)
      })
    }
    const [exitCode] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    return { exitCode, lines }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
