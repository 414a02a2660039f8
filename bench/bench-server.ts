import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDevServer } from '../examples/flight-delays/dev-server.ts'
import { BatchHttp } from './batch-http.ts'
import { type CpuTime, cpuTimeOf } from './cpu-time.ts'

/** What the agent of a benchmark offers: more than the machine has, so that jobs wait for nothing but the system. */
const offer = ['--runtime', 'process', '--vcpus', '64', '--memory-mib', '65536']
/** For what follows a job's end (its settling, its logs' chunks) to be over, too. */
const settleMs = 1_000

/** A `longshore dev` on temporary data, and how much CPU its parts have used. */
export type BenchServer = {
  url: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** The admin token. */
  token: string
  /** Once what is under way has settled. */
  cpu(): Promise<{ workerd: CpuTime; agent: CpuTime }>
}

/** Boots a server for `body`, with a client of at most `connections` connections, and removes both after it. */
export async function withServer<Result>(
  connections: number,
  body: (server: BenchServer, http: BatchHttp) => Promise<Result>,
): Promise<Result> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'longshore-bench-'))
  const dev = await startDevServer({ dataDirectory, args: offer }).catch((error) => {
    rmSync(dataDirectory, { recursive: true, force: true })
    throw error
  })
  const token = readMember(join(dataDirectory, 'keys.json'), 'adminToken') as string
  const http = new BatchHttp(dev.url, token, connections)
  const pidOf = (name: string) =>
    (readMember(join(dataDirectory, 'processes.json'), name) as { pid: number }).pid
  const cpu = async () => {
    await sleep(settleMs)
    return { workerd: cpuTimeOf(pidOf('workerd')), agent: cpuTimeOf(pidOf('agent')) }
  }
  const { url, region, credentials } = dev
  try {
    return await body({ url, region, credentials, token, cpu }, http)
  } finally {
    await http.close()
    await dev.stop()
    rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 })
  }
}

function readMember(path: string, name: string): unknown {
  return (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)[name]
}
