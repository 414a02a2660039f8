import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** A running `longshore dev`, and what an AWS client needs to use it. */
export type DevServer = {
  url: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  pid: number
  /** What it has said on stderr so far. */
  said: () => string
  /** Stops it; resolves with its exit code once it is gone. Harmless when it has ended already. */
  stop: () => Promise<number | null>
}

/**
 * Starts `longshore dev` on a free port and resolves once it is ready; rejects with what it said if it ends before.
 * It runs in a session of its own, so that a Ctrl-C at the terminal reaches only the program that stops it.
 */
export async function startDevServer(options: {
  dataDirectory: string
  /** Further arguments, such as `--no-agent`. */
  args?: string[]
  onSaid?: (line: string) => void
  /** Stops it while it starts. */
  signal?: AbortSignal
}): Promise<DevServer> {
  const { dataDirectory, args = [], onSaid, signal } = options
  const command = [main, 'dev', '--port', '0', '--data', dataDirectory, ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const said: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    said.push(line)
    onSaid?.(line)
  })
  const stop = async () => {
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  signal?.addEventListener('abort', stop)
  const ready = once(createInterface(child.stdout), 'line') as Promise<[string]>
  const ended = exited.then(([code]): never => {
    throw new Error(`longshore dev ended with exit code ${code}:\n${said.join('\n')}`)
  })
  const [line] = await Promise.race([ready, ended])
  signal?.removeEventListener('abort', stop)
  return {
    url: /http:\S+/.exec(line)![0],
    region: 'us-east-1',
    credentials: readCredentials(join(dataDirectory, 'credentials')),
    pid: child.pid!,
    said: () => said.join('\n'),
    stop,
  }
}

function readCredentials(path: string): { accessKeyId: string; secretAccessKey: string } {
  const text = readFileSync(path, 'utf8')
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(text)![1]!
  return { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') }
}
