import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ClientRun } from './client-run.ts'
import { pythonEnvironment } from './python-environment.ts'

/** An S3 on this machine's loopback. */
export type S3Emulator = {
  url: string
  /** Stores a text in the bucket. */
  put: (key: string, text: string) => Promise<void>
}

/** Starts moto's server with an empty bucket; it keeps everything in memory and takes any credentials. It is ended with the run. */
export async function startS3Emulator(run: ClientRun, bucket: string): Promise<S3Emulator> {
  const requirements = join(import.meta.dirname, 's3-requirements.txt')
  const { bin, env } = await pythonEnvironment(run, requirements)
  const child = spawn(join(bin, 'moto_server'), ['--host', '127.0.0.1', '--port', '0'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  run.atEnd(async () => {
    child.kill('SIGTERM')
    await exited
  })
  const url = await listening(child)
  const put = async (path: string, body: string) => {
    const stored = await fetch(`${url}/${path}`, { method: 'PUT', body, signal: run.signal })
    if (!stored.ok) throw new Error(`the emulated S3 did not take ${path}: ${await stored.text()}`)
  }
  await put(bucket, '')
  return { url, put: (key, text) => put(`${bucket}/${key}`, text) }
}

/** The address that the server says it listens on. What it says later is read and dropped. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    const lines = createInterface(child.stderr!)
    lines.on('line', (line) => {
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]
      if (url) resolve(url)
      else said.push(line)
    })
    lines.on('close', () => reject(new Error(`the emulated S3 did not start:\n${said.join('\n')}`)))
  })
}
