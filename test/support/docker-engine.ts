import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'undici'

/** The image that a test engine has: a static busybox, its tools as links. */
export const busyboxImage = 'longshore-test/busybox:1'
const tools = [
  'sh',
  'cat',
  'df',
  'dd',
  'echo',
  'env',
  'head',
  'id',
  'ls',
  'mount',
  'nc',
  'ps',
  'sleep',
  'touch',
  'tr',
  'yes',
]

/** A Docker engine of the tests' own, without network and registry. */
export type TestEngine = { host: string; restart(): Promise<void>; close(): Promise<void> }

/** Starts an engine and gives it the test image; the reason where that is not possible here. */
export async function startDockerEngine(): Promise<TestEngine | { unavailable: string }> {
  if (process.getuid?.() !== 0) return { unavailable: 'only root can start a Docker engine' }
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))
  if (!busybox) return { unavailable: 'there is no busybox to make an image of' }
  const path = mkdtempSync(join(tmpdir(), 'longshore-docker-'))
  const host = `unix://${join(path, 'docker.sock')}`
  let daemon: ChildProcess
  try {
    daemon = await startDaemon(path, host)
    await importImage(path, host, busybox)
  } catch (error) {
    rmSync(path, { recursive: true, force: true })
    return { unavailable: `no Docker engine starts here: ${(error as Error).message}` }
  }
  return {
    host,
    async restart() {
      await stopDaemon(daemon)
      daemon = await startDaemon(path, host)
    },
    async close() {
      await stopDaemon(daemon)
      unmountBelow(path)
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Makes a network of its own, as the engine starts with none, and gives what removes it. Rejects with the engine's reason. */
export async function makeBridge(host: string, name: string): Promise<() => Promise<void>> {
  await ask(host, 'POST', '/networks/create', { Name: name, Driver: 'bridge' })
  return () => ask(host, 'DELETE', `/networks/${name}`)
}

async function ask(host: string, method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  const client = new Client('http://docker', { socketPath: host.slice('unix://'.length) })
  try {
    const content = body && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }
    const response = await client.request({ method, path, ...content })
    const text = await response.body.text()
    if (response.statusCode >= 400) throw new Error(text)
  } finally {
    await client.destroy()
  }
}

async function startDaemon(path: string, host: string): Promise<ChildProcess> {
  const places = ['--data-root', join(path, 'data'), '--exec-root', join(path, 'exec')]
  const network = ['--iptables=false', '--bridge=none']
  const files = ['--pidfile', join(path, 'docker.pid'), '-H', host]
  const words = ['--storage-driver', 'vfs', '--live-restore', ...places, ...network, ...files]
  const daemon = spawn('dockerd', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  daemon.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  let failure: string | undefined
  daemon.once('error', (error) => {
    failure = error.message
  })
  daemon.once('exit', () => {
    failure ??= said.trim().split('\n').at(-1) ?? 'dockerd ended'
  })
  for (let tries = 0; tries < 300; tries++) {
    if (failure !== undefined) throw new Error(failure)
    if (await answers(host)) return daemon
    await delay(100)
  }
  daemon.kill('SIGKILL')
  throw new Error('dockerd does not answer')
}

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null) return
  const exit = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  await exit
}

/** An engine leaves its own directories mounted. */
function unmountBelow(path: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  for (const mount of mounts.filter((place) => place.startsWith(`${path}/`)).toReversed()) {
    execFileSync('umount', ['--lazy', mount])
  }
}

async function answers(host: string): Promise<boolean> {
  const client = new Client('http://docker', { socketPath: host.slice('unix://'.length) })
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: '/_ping' })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  } finally {
    await client.destroy()
  }
}

async function importImage(path: string, host: string, busybox: string): Promise<void> {
  const root = join(path, 'image')
  for (const folder of ['bin', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  execFileSync('cp', ['-L', busybox, join(root, 'bin/busybox')])
  for (const tool of tools) execFileSync('ln', ['-s', 'busybox', join(root, 'bin', tool)])
  execFileSync('tar', ['-C', root, '-cf', join(path, 'image.tar'), '.'])
  const client = new Client('http://docker', { socketPath: host.slice('unix://'.length) })
  const [repository, tag] = busyboxImage.split(':')
  const { statusCode, body } = await client.request({
    method: 'POST',
    path: `/images/create?fromSrc=-&repo=${repository}&tag=${tag}`,
    body: readFileSync(join(path, 'image.tar')),
  })
  const text = await body.text()
  await client.close()
  if (statusCode !== 200 || text.includes('"error"')) throw new Error(text)
}
