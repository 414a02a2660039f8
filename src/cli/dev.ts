import { once } from 'node:events'
import { join } from 'node:path'
import { agentConnected, spawnAgent } from './agent-process.ts'
import type { DevOptions } from './arguments.ts'
import { writeClientFiles } from './client-files.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import { type DeploymentKeys, loadDeploymentKeys } from './deployment-keys.ts'
import { checkListenAddress } from './listen-address.ts'
import { packageRoot } from './package-root.ts'
import { ProcessRecord } from './process-record.ts'
import { provision, waitUntilHealthy } from './server-client.ts'
import { SupervisedChild } from './supervised-child.ts'
import { prepareWorkerBundle } from './worker-bundle.ts'
import { installWorkerd, spawnWorkerd } from './workerd-process.ts'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** workerd does not end on SIGTERM while WebSockets are open; ending it by force loses nothing. */
const workerdGraceMs = 3_000
const agentGraceMs = 10_000

/**
 * Runs the product on this machine until it is told to stop: the Worker on workerd with durable state, and one agent.
 * Prints one line on stdout when it is ready; all else goes to stderr. Jobs outlive it: they keep running and the
 * next start finds them. A second signal ends the children by force. Throws CliError.
 */
export async function runDev(options: DevOptions, entry: string): Promise<void> {
  const children: SupervisedChild[] = []
  const stop = new AbortController()
  for (const name of stopSignals) {
    process.on(name, () => {
      if (stop.signal.aborted) for (const child of children) child.kill()
      stop.abort()
    })
  }
  const data = openDataDirectory(options.dataDirectory)
  try {
    const server = await startServer(options, data, children, stop.signal)
    if (options.agent) await startAgent(options, entry, server)
    process.stdout.write(
      `longshore ready on ${server.url} (data ${data.shown}; run: . ${join(data.shown, 'env')})\n`,
    )
    await aborted(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    stop.abort()
    for (const child of children.reverse()) await child.stop()
    data.release()
  }
}

type DevServer = {
  url: string
  /** Absolute. */
  directory: string
  keys: DeploymentKeys
  record: ProcessRecord
  children: SupervisedChild[]
  signal: AbortSignal
}

async function startServer(
  options: DevOptions,
  data: DataDirectory,
  children: SupervisedChild[],
  signal: AbortSignal,
): Promise<DevServer> {
  const directory = data.path
  const record = new ProcessRecord(join(directory, 'processes.json'))
  await record.endLeftovers()
  const { listen, url } = await checkListenAddress(options.host, options.port)
  const bundle = await prepareWorkerBundle(packageRoot, { say, signal })
  const keys = loadDeploymentKeys(join(directory, 'keys.json'))
  const { historyDays } = options
  installWorkerd(directory, bundle, keys, historyDays === undefined ? {} : { HISTORY_DAYS: `${historyDays}` })
  writeClientFiles(directory, url, keys)
  const workerd = new SupervisedChild({
    name: 'workerd',
    spawn: () => spawnWorkerd(directory, listen, keys),
    onStart: (pid) => record.set('workerd', pid),
    graceMs: workerdGraceMs,
    say,
  })
  children.push(workerd)
  await workerd.start(waitUntilHealthy(url, signal))
  if (!data.provisioned) {
    await provision(url, keys.adminToken, signal)
    data.markProvisioned()
  }
  return { url, directory, keys, record, children, signal }
}

async function startAgent(options: DevOptions, entry: string, server: DevServer): Promise<void> {
  const { url, directory, keys, record, children, signal } = server
  const connected = Promise.withResolvers<void>()
  const agent = new SupervisedChild({
    name: 'agent',
    spawn: () => {
      const child = spawnAgent(entry, directory, { url, agentToken: keys.agentToken }, options)
      agentConnected(child).then(connected.resolve)
      return child
    },
    onStart: (pid) => record.set('agent', pid),
    graceMs: agentGraceMs,
    say,
  })
  children.push(agent)
  await agent.start(Promise.race([connected.promise, aborted(signal)]))
}

/** Rejects when the signal is given. */
async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

function say(line: string): void {
  process.stderr.write(`longshore: ${line}\n`)
}
