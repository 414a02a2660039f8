import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { AgentError } from './agent-error.ts'
import type { MetadataKeys } from './metadata-server.ts'
import type { Journal, Lease } from './ports.ts'

const layoutVersion = 1
const markFile = 'agent.json'

/**
 * An agent's own directory: `agent.json` (layout version and instance id), `lease.json`, `metadata.json` (of what the
 * addresses are made that its jobs have been given), `attempts/`. One agent at a time; the lock is a name in the kernel (an abstract socket, unix(7)), so that it ends with the process that holds it.
 */
export class DataDirectory implements Journal {
  readonly path: string
  readonly attempts: string
  /** Made once with the directory: 32 hex digits. */
  readonly instanceId: string
  private readonly lock: Server

  /** Makes or takes up the directory. Throws `AgentError` when it is in use, unwritable or of something else. */
  static async open(path: string): Promise<DataDirectory> {
    try {
      mkdirSync(path, { recursive: true, mode: 0o711 })
      const lock = await takeLock(realpathSync(path))
      if (!lock) throw new AgentError(`data directory ${path}: in use by another agent`)
      return new DataDirectory(path, lock)
    } catch (error) {
      if (error instanceof AgentError) throw error
      throw new AgentError(`data directory ${path}: ${(error as Error).message}`)
    }
  }

  private constructor(path: string, lock: Server) {
    this.path = realpathSync(path)
    this.lock = lock
    this.instanceId = readMark(this.path) ?? writeMark(this.path)
    this.attempts = join(this.path, 'attempts')
    // Whether it can be written shows now, not at the first job.
    replaceFile(join(this.path, 'agent.pid'), `${process.pid}\n`)
  }

  lease(): Lease | undefined {
    const text = readIfThere(join(this.path, 'lease.json'))
    return text === undefined ? undefined : (JSON.parse(text) as Lease)
  }

  saveLease(lease: Lease): void {
    replaceFile(join(this.path, 'lease.json'), JSON.stringify(lease))
  }

  metadataKeys(): MetadataKeys | undefined {
    const text = readIfThere(join(this.path, 'metadata.json'))
    return text === undefined ? undefined : (JSON.parse(text) as MetadataKeys)
  }

  saveMetadataKeys(keys: MetadataKeys): void {
    replaceFile(join(this.path, 'metadata.json'), JSON.stringify(keys))
  }

  close(): void {
    this.lock.close()
  }
}

function readMark(path: string): string | undefined {
  const text = readIfThere(join(path, markFile))
  if (text === undefined) {
    if (readdirSync(path).every((name) => name === `${markFile}.new`)) return undefined
    throw new AgentError(`data directory ${path}: not empty and not an agent's`)
  }
  const { version, instanceId } = JSON.parse(text) as { version?: number; instanceId?: string }
  if (version !== layoutVersion || !/^[0-9a-f]{32}$/.test(instanceId ?? '')) {
    throw new AgentError(`data directory ${path}: ${markFile} is not one of this version of the agent`)
  }
  return instanceId
}

function writeMark(path: string): string {
  const instanceId = randomBytes(16).toString('hex')
  replaceFile(join(path, markFile), JSON.stringify({ version: layoutVersion, instanceId }))
  return instanceId
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** All or nothing, should the agent die meanwhile. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** The lock, or undefined when another process has it. */
function takeLock(path: string): Promise<Server | undefined> {
  const name = `\0longshore-agent-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(name, () => {
      server.unref()
      resolve(server)
    })
  })
}
