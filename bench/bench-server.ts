import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { BatchHttp } from './batch-http.ts'
import { type CpuTime, cpuTimeOf } from './cpu-time.ts'

/** The built program, as it is installed: the sources would have the agent carry a compiler about. */
const program = join(import.meta.dirname, '../dist/longshore.js')
/** What the agent of a benchmark offers: more than the machine has, so that jobs wait for nothing but the system. */
const offer = ['--runtime', 'process', '--vcpus', '64', '--memory-mib', '65536']
/** For what follows a job's end (its settling, its log's rows) to be over, too. */
const settleMs = 1_000
/** Of what the server has said, where a measure fails. */
const shownLines = 50

/** A `longshore dev` on temporary data, and how much CPU its parts have used. */
export type BenchServer = {
  url: string
  /** What an AWS client needs besides. */
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Where its data lies. */
  data: string
  workerdPid(): number
  /** Once what is under way has settled. */
  cpu(): Promise<{ workerd: CpuTime; agent: CpuTime }>
}

/**
 * Boots a server for `body`, with a client of at most `connections` connections, and removes both after it. Rejects with what
 * the server has said last, too.
 */
export async function withServer<Result>(
  connections: number,
  body: (server: BenchServer, http: BatchHttp) => Promise<Result>,
): Promise<Result> {
  const data = mkdtempSync(join(tmpdir(), 'longshore-bench-'))
  const child = spawn(process.execPath, [program, 'dev', '--port', '0', '--data', data, ...offer], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const said: string[] = []
  createInterface(child.stderr).on('line', (line) => said.push(line))
  try {
    const url = await untilReady(child)
    const { accessKeyId, secretAccessKey, adminToken } = readJson(join(data, 'keys.json'))
    const http = new BatchHttp(url, adminToken, connections)
    const cpu = async () => {
      await sleep(settleMs)
      const { workerd, agent } = readJson(join(data, 'processes.json'))
      return { workerd: cpuTimeOf(workerd.pid), agent: cpuTimeOf(agent.pid) }
    }
    const credentials = { accessKeyId, secretAccessKey }
    const workerdPid = () => readJson(join(data, 'processes.json')).workerd.pid
    const server = { url, region: 'us-east-1', credentials, data, workerdPid, cpu }
    return await body(server, http).finally(() => http.close())
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${said.slice(-shownLines).join('\n')}`, { cause: error })
  } finally {
    child.kill('SIGTERM')
    await exited
    rmSync(data, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The server's address once it says that it is ready. Rejects when it ends before. */
async function untilReady(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then((): never => {
    throw new Error('longshore dev has ended:')
  })
  const ready = once(createInterface(child.stdout!), 'line') as Promise<[string]>
  const [line] = await Promise.race([ready, ended])
  return /http:\S+/.exec(line)![0]
}

// biome-ignore lint/suspicious/noExplicitAny: files of the server's own making
function readJson(path: string): any {
  return JSON.parse(readFileSync(path, 'utf8'))
}
