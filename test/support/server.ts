import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchClient } from '@aws-sdk/client-batch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { onTestFinished } from 'vitest'
import { type DevServer, startDevServer } from '../../examples/flight-delays/dev-server.ts'
import { processesUsing } from '../../examples/flight-delays/processes-using.ts'
import type { DeploymentKeys } from '../../src/cli/deployment-keys.ts'
import type { ProcessIdentity } from '../../src/cli/process-identity.ts'

export type ServerOptions = {
  /** Made for this server and removed with it unless given. */
  dataDirectory?: string
  /** What the agent offers; none at all without it. */
  agent?: { vcpus: number; memoryMiB?: number; injectEnvironment?: Record<string, string> } | false
}

/** A real `longshore dev` as a child process, with its children, on a free port. */
export type Server = Pick<DevServer, 'url' | 'region' | 'said' | 'pid'> & {
  accessKeyId: string
  secretAccessKey: string
  token: string
  agentToken: string
  dataDirectory: string
  batch: BatchClient
  logs: CloudWatchLogsClient
  /** Asked anew each time: they change when a child is started again. */
  pids: () => { workerd: number; agent?: number }
  /** Stops it, ends what its jobs have left running, removes the directory it was not given. Resolves with its exit code. */
  stop: () => Promise<number | null>
}

/** Its stop is the caller's; `aServer` stops by itself. The clients try again while a server is being restarted. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'longshore-e2e-'))
  const dev = await startDevServer({ dataDirectory, args: agentArguments(options.agent) })
  const keys = JSON.parse(readFileSync(join(dataDirectory, 'keys.json'), 'utf8')) as DeploymentKeys
  const { url, region, credentials, said, pid } = dev
  const client = { endpoint: url, region, credentials, maxAttempts: 10 }
  const batch = new BatchClient(client)
  const logs = new CloudWatchLogsClient(client)
  return {
    ...{ url, region, said, pid, ...credentials, dataDirectory, batch, logs },
    token: keys.adminToken,
    agentToken: keys.agentToken,
    pids: () => readPids(dataDirectory),
    stop: async () => {
      batch.destroy()
      logs.destroy()
      const exitCode = await dev.stop()
      if (options.dataDirectory === undefined) {
        for (const left of processesUsing(dataDirectory)) process.kill(left, 'SIGKILL')
        rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 })
      }
      return exitCode
    },
  }
}

/** A server that is stopped when the test that asked for it ends. */
export async function aServer(options: ServerOptions = {}): Promise<Server> {
  const server = await startServer(options)
  onTestFinished(async () => {
    await server.stop()
  })
  return server
}

function agentArguments(agent: ServerOptions['agent'] = { vcpus: 4 }): string[] {
  if (agent === false) return ['--no-agent']
  const { vcpus, memoryMiB = 65_536, injectEnvironment = {} } = agent
  return [
    ...['--runtime', 'process', '--vcpus', String(vcpus), '--memory-mib', String(memoryMiB)],
    ...Object.entries(injectEnvironment).flatMap(([name, value]) => ['--inject-env', `${name}=${value}`]),
  ]
}

function readPids(dataDirectory: string): { workerd: number; agent?: number } {
  const record = JSON.parse(readFileSync(join(dataDirectory, 'processes.json'), 'utf8'))
  const { workerd, agent } = record as { workerd: ProcessIdentity; agent?: ProcessIdentity }
  return { workerd: workerd.pid, ...(agent ? { agent: agent.pid } : {}) }
}
