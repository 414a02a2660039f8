import { setFlagsFromString } from 'node:v8'
import { systemClock } from '../runtime/clock.ts'
import { Agent } from './agent.ts'
import { AgentError } from './agent-error.ts'
import { AttemptDirectories } from './attempt-directories.ts'
import { Connection } from './connection.ts'
import { DataDirectory } from './data-directory.ts'
import type { DockerClient } from './docker-client.ts'
import type { Engine } from './engine.ts'
import { type Capacity, describeHost, findGpus, freeDiskMiB, localCapacity } from './host-offer.ts'
import { HostRuntime } from './host-runtime.ts'
import { LogShipper } from './log-shipper.ts'
import { consoleLogger as log } from './logger.ts'
import { MemoryCgroups } from './memory-cgroups.ts'
import { MetadataServer } from './metadata-server.ts'
import { nodeScheduler } from './node-scheduler.ts'
import { ProcessEngine } from './process-engine.ts'
import { steadyClock } from './steady-clock.ts'

/** How often a refused agent looks whether its last job has ended. */
const idlePollMs = 1000
const loopback = '127.0.0.1'

export type AgentOptions = {
  /** The deployment, `http(s)://…`. */
  url: string
  token: string
  /** Name of the compute environment to join. */
  environment: string
  /** Default: docker where an engine answers, else process. */
  runtime?: 'docker' | 'process'
  dataDirectory: string
  /** For every job, below what the job itself sets. */
  injectEnvironment: Record<string, string>
  /** What to offer instead of what was found. */
  vcpus?: number
  memoryMiB?: number
  labels: Record<string, string>
  /** `NetworkMode` of containers; default `bridge`. */
  dockerNetwork?: string
  /** Told each time the environment has welcomed this agent. */
  onConnected?: () => void
}

/**
 * Runs an agent until SIGTERM or SIGINT: its jobs go on and are found again by the next start on the same data
 * directory. Throws `AgentError` when it cannot start, or is refused and nothing runs here any more.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  if (process.platform !== 'linux') throw new AgentError('the agent runs on Linux only')
  const directory = await DataDirectory.open(options.dataDirectory)
  try {
    const opened = await openEngine(options, directory.instanceId)
    const metadata = await openMetadata(directory, opened.address)
    await serve(options, directory, opened, metadata).finally(() => {
      opened.engine.close()
      metadata?.close()
    })
  } finally {
    directory.close()
  }
}

/** `address`: where this machine is reached by what the engine runs, if it is. */
type OpenEngine = { engine: Engine; capacity: Capacity; address?: string }

async function openEngine(options: AgentOptions, instanceId: string): Promise<OpenEngine> {
  const client = options.runtime === 'process' ? undefined : await openDocker(options.runtime)
  return client ? dockerEngine(client, options, instanceId) : processEngine(options, instanceId)
}

/**
 * The engine's client, undefined where no engine answers. Throws when Docker was asked for. What Docker needs is loaded
 * only here: every process that the agent forks is the slower the more memory it has.
 */
async function openDocker(runtime: AgentOptions['runtime']): Promise<DockerClient | undefined> {
  const { DockerClient } = await import('./docker-client.ts')
  try {
    return await DockerClient.connect()
  } catch (error) {
    if (runtime === 'docker') throw new AgentError((error as Error).message)
    return undefined
  }
}

async function dockerEngine(
  client: DockerClient,
  { injectEnvironment, dockerNetwork }: AgentOptions,
  instanceId: string,
): Promise<OpenEngine> {
  const { DockerEngine } = await import('./docker-engine.ts')
  const network = dockerNetwork ?? 'bridge'
  const { NCPU, MemTotal, ServerVersion } = await client.info()
  log(`runs jobs in Docker ${ServerVersion}, network ${network}`)
  const options = { client, instanceId, network, injectEnvironment, clock: systemClock, log }
  const capacity = { cpuMilli: NCPU * 1000, memoryMiB: Math.floor(MemTotal / 2 ** 20) }
  const address = await addressFrom(client, network)
  const engine = new DockerEngine(options)
  await engine.images.refresh()
  return { engine, capacity, ...(address === undefined ? {} : { address }) }
}

function processEngine({ injectEnvironment }: AgentOptions, instanceId: string): OpenEngine {
  // V8's space for new objects stays small: a fork takes the longer the more memory the agent has touched.
  setFlagsFromString('--semi-space-growth-factor=1')
  const cgroups = MemoryCgroups.detect(instanceId)
  const limited = cgroups ? 'memory limits by cgroup' : 'memory limits cannot be set here'
  log(`runs jobs as plain processes: images are ignored, ${limited}`)
  const scheduler = nodeScheduler(log)
  const engine = new ProcessEngine({ injectEnvironment, cgroups, clock: systemClock, scheduler })
  return { engine, capacity: localCapacity(), address: loopback }
}

/** Where containers on a network of the engine reach this machine. */
async function addressFrom(client: DockerClient, network: string): Promise<string | undefined> {
  if (!client.isLocal) return undefined
  return network === 'host' ? loopback : client.gatewayOf(network)
}

async function openMetadata(
  directory: DataDirectory,
  address: string | undefined,
): Promise<MetadataServer | undefined> {
  try {
    if (address === undefined) throw new Error('containers have no known way to this machine')
    const server = await MetadataServer.open(address, directory.metadataKeys())
    directory.saveMetadataKeys(server.keys)
    return server
  } catch (error) {
    log(`jobs have no ECS_CONTAINER_METADATA_URI_V4: ${(error as Error).message}`)
    return undefined
  }
}

async function serve(
  options: AgentOptions,
  directory: DataDirectory,
  { engine, capacity }: OpenEngine,
  metadata: MetadataServer | undefined,
): Promise<void> {
  const scheduler = nodeScheduler(log)
  const clock = steadyClock()
  const gpus = await findGpus()
  const offer = describeHost(engine.runtime, capacity, gpus, await freeDiskMiB(directory.path), options)
  const { cpuMilli, memoryMiB } = offer.resources
  log(
    `offers ${cpuMilli / 1000} vCPUs, ${memoryMiB} MiB of memory, ${gpus.length} GPUs, ${offer.architecture}`,
  )
  const ending = Promise.withResolvers<void>()
  const connection: Connection = new Connection({
    ...options,
    clock,
    log,
    handlers: {
      connected: () => agent.connected(),
      received: (message) => {
        agent.received(message)
        if (message.type === 'welcome') options.onConnected?.()
      },
      pong: (sentAt) => agent.pong(sentAt),
      disconnected: () => agent.disconnected(),
      refused: (why) => endWhenIdle(new AgentError(`${options.url} refused this agent: ${why}`)),
    },
  })
  const drained = (attemptId: string) => runtime.drained(attemptId)
  const logs = new LogShipper({ link: connection, clock: systemClock, scheduler, drained })
  const runtime = await HostRuntime.open({
    directories: new AttemptDirectories(directory.attempts),
    engine,
    logs,
    gpus: gpus.map(({ id }) => id),
    clock: systemClock,
    scheduler,
    log,
    ...(metadata ? { metadataUri: (id) => metadata.uriOf(id) } : {}),
  })
  metadata?.serve((id, of) => runtime.metadata(id, of))
  const { images } = engine
  const ports = { link: connection, runtime, images, logs, journal: directory, clock, scheduler }
  const agent: Agent = new Agent({ instanceId: directory.instanceId, offer, ...ports })
  // A refused agent still sees to it that its jobs end before its lease does.
  const endWhenIdle = (refusal: Error): void => {
    if (agent.isBusy()) setTimeout(() => endWhenIdle(refusal), idlePollMs)
    else ending.reject(refusal)
  }
  agent.start()
  connection.open()
  await untilTold(ending).finally(() => connection.stop())
  log('stopped; jobs keep running and are found again by the next start')
}

/** Waits for the promise, or for word from outside that the agent is to stop. */
async function untilTold(ending: PromiseWithResolvers<void>): Promise<void> {
  const stop = () => ending.resolve()
  const signals = ['SIGTERM', 'SIGINT'] as const
  for (const name of signals) process.once(name, stop)
  try {
    await ending.promise
  } finally {
    for (const name of signals) process.off(name, stop)
  }
}
