import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../runtime/clock.ts'
import type { StartedRecord } from './attempt-directory.ts'
import type { ContainerState, DockerClient } from './docker-client.ts'
import { DockerError, isMissing } from './docker-client.ts'
import {
  type ContainerOptions,
  containerBody,
  containerLabel,
  containerName,
  instanceLabel,
  volumeName,
} from './docker-container.ts'
import { DockerImageList } from './docker-image-list.ts'
import { ImagePuller } from './docker-image-puller.ts'
import { copyContainerLog } from './docker-log-reader.ts'
import { SharedNetworks } from './docker-shared-network.ts'
import type { Engine, EngineEnd, EngineJob, EngineListener } from './engine.ts'
import type { Logger } from './logger.ts'

/** Between tries while the engine does not answer. */
const retryMs = 1000
/** How long a container may take that is being made for an earlier life of the agent: 30 s. */
const createTries = 300
const createPollMs = 100

export type DockerEngineOptions = ContainerOptions & { client: DockerClient; clock: Clock; log: Logger }

/** How late the engine may hear of a container that it was out of memory. */
const lateEventMs = 1000

/** A container on its way: what was asked of it before it had started is done when it has. */
type Running = {
  /** Made, which is not yet started. */
  containerId?: string
  isStarted: boolean
  wanted?: 'terminate' | 'kill'
  abort: AbortController
}

/** Runs every attempt as a container of a Docker engine. */
export class DockerEngine implements Engine {
  readonly runtime = 'docker'
  readonly stampsOutput = true
  private readonly options: DockerEngineOptions
  readonly images: DockerImageList
  private readonly puller: ImagePuller
  private readonly networks: SharedNetworks
  private readonly running = new Map<string, Running>()
  private listener: EngineListener | undefined
  private isClosed = false

  constructor(options: DockerEngineOptions) {
    this.options = options
    this.images = new DockerImageList(options.client, options.log)
    this.puller = new ImagePuller(options.client, this.images, options.log)
    this.networks = new SharedNetworks(options.client, options)
  }

  listen(listener: EngineListener): void {
    this.listener = listener
  }

  async find(jobs: EngineJob[]): Promise<Map<string, StartedRecord | 'never-ran' | 'lost'>> {
    const { client, instanceId } = this.options
    const containers = await client.listContainers(`${instanceLabel}=${instanceId}`)
    const found = new Map<string, StartedRecord | 'never-ran' | 'lost'>()
    for (const { id, directory } of jobs) {
      const summary = containers.find(({ Labels }) => Labels[containerLabel] === id)
      const wasStarted = directory.facts().started !== undefined
      if (!summary) found.set(id, wasStarted ? 'lost' : 'never-ran')
      else if (summary.State === 'created') found.set(id, 'never-ran')
      else if (summary.State === 'removing' || summary.State === 'dead') found.set(id, 'lost')
      else found.set(id, startedRecord(await client.inspectContainer(summary.Id)))
    }
    return found
  }

  launch(job: EngineJob): void {
    const running: Running = { isStarted: false, abort: new AbortController() }
    this.running.set(job.id, running)
    this.run(job, running).catch((error: Error) => this.failToStart(job, error.message))
  }

  follow(job: EngineJob, started: StartedRecord): void {
    const containerId = started.containerId!
    const running: Running = { containerId, isStarted: true, abort: new AbortController() }
    this.running.set(job.id, running)
    void this.watch(job, containerId)
  }

  containerId(id: string): string | undefined {
    return this.running.get(id)?.containerId
  }

  terminate(id: string): void {
    this.ask(id, 'terminate')
  }

  kill(id: string): void {
    this.ask(id, 'kill')
  }

  async remove(jobs: EngineJob[]): Promise<void> {
    const { client } = this.options
    for (const { id } of jobs) await client.removeContainer(containerName(id))
    const { attemptId, volumes, hasSiblings } = jobs[0]!
    if (hasSiblings) await this.networks.remove(attemptId)
    for (const { name, host } of volumes) {
      if (name && !host?.sourcePath) await client.removeVolume(volumeName(attemptId, name))
    }
  }

  close(): void {
    this.listener = undefined
    this.isClosed = true
    this.options.client.close()
  }

  private async run(job: EngineJob, running: Running): Promise<void> {
    const { client, clock } = this.options
    const containerId = await this.prepare(job, running)
    if (containerId === undefined || running.abort.signal.aborted) {
      this.end(job, { how: 'start-failed', stoppedAt: clock.now() })
      return
    }
    running.containerId = containerId
    const startedAt = clock.now()
    await named('CannotStartContainerError', () => client.startContainer(containerId))
    running.isStarted = true
    this.listener?.started(job.id, { startedAt, containerId })
    if (running.wanted) this.ask(job.id, running.wanted)
    await this.watch(job, containerId)
  }

  /** Makes the container, with its image; undefined when the job was stopped meanwhile. */
  private async prepare(job: EngineJob, running: Running): Promise<string | undefined> {
    const { image } = job.container
    const isThere = await named('CannotPullContainerError', () =>
      this.puller.provide(image, running.abort.signal),
    )
    if (!isThere) return undefined
    return named('CannotCreateContainerError', async () => {
      const name = containerName(job.id)
      const isShared = job.hasSiblings && !job.container.hostNetwork
      const network = isShared ? await this.networks.join(job.attemptId) : this.options.network
      return this.create(name, containerBody(job, { ...this.options, network }))
    })
  }

  /**
   * Makes a container, or finds the one that an earlier life of the agent had made and did not come to start. One that is
   * still being made for it has its name and cannot be found yet: it is waited for.
   */
  private async create(name: string, body: object, tries = createTries): Promise<string> {
    const { client } = this.options
    try {
      return await client.createContainer(name, body)
    } catch (error) {
      if (!(error instanceof DockerError && error.status === 409)) throw error
    }
    try {
      return (await client.inspectContainer(name)).Id
    } catch (error) {
      if (!isMissing(error) || tries === 1) throw error
    }
    await delay(createPollMs)
    return this.create(name, body, tries - 1)
  }

  /** Follows a started container to its end, through restarts of the engine. */
  private async watch(job: EngineJob, containerId: string): Promise<void> {
    const { client, clock, log } = this.options
    const { output } = job.directory
    const following = new AbortController()
    const followed = this.followLog(job, containerId, following.signal)
    for (;;) {
      try {
        await client.waitForContainer(containerId)
        following.abort()
        await followed
        // A log that is followed may end before its last lines (moby before 23.0): what is missing is read now.
        await copyContainerLog(client, containerId, output, {})
        this.end(job, containerEnd(await this.inspectEnded(job, containerId), clock.now()))
        return
      } catch (error) {
        if (this.isClosed) return
        if (isMissing(error)) {
          following.abort()
          const reason = 'The container was removed behind the agent'
          this.end(job, { how: 'lost', stoppedAt: clock.now(), reason })
          return
        }
        log(`container ${job.id}: ${(error as Error).message}`)
        await delay(retryMs)
      }
    }
  }

  /** An ended container. That it was out of memory may become known after its end: a kill by nobody waits for that. */
  private async inspectEnded(job: EngineJob, containerId: string): Promise<ContainerState> {
    const container = await this.options.client.inspectContainer(containerId)
    const { ExitCode, OOMKilled } = container.State
    if (ExitCode !== 137 || OOMKilled || this.running.get(job.id)?.wanted) return container
    await delay(lateEventMs)
    return this.options.client.inspectContainer(containerId)
  }

  /** Copies the log as it grows, from where it was cut off if need be, until `signal`. */
  private async followLog(job: EngineJob, containerId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.isClosed) {
      try {
        await copyContainerLog(this.options.client, containerId, job.directory.output, { follow: signal })
        return
      } catch (error) {
        if (signal.aborted || this.isClosed || isMissing(error)) return
        this.options.log(`container ${job.id}: its log cannot be read: ${(error as Error).message}`)
        await delay(retryMs)
      }
    }
  }

  private ask(id: string, wanted: 'terminate' | 'kill'): void {
    const running = this.running.get(id)
    if (!running) return
    running.wanted = wanted
    running.abort.abort()
    if (!running.isStarted || running.containerId === undefined) return
    this.signal(running.containerId, wanted).catch((error: Error) =>
      this.options.log(`container ${id}: ${error.message}`),
    )
  }

  private async signal(containerId: string, wanted: 'terminate' | 'kill'): Promise<void> {
    const { client } = this.options
    const signal =
      wanted === 'kill'
        ? 'SIGKILL'
        : (await client.inspectContainer(containerId)).Config.StopSignal || 'SIGTERM'
    await client.signalContainer(containerId, signal)
  }

  private failToStart(job: EngineJob, reason: string): void {
    this.end(job, { how: 'start-failed', stoppedAt: this.options.clock.now(), reason })
  }

  private end(job: EngineJob, end: EngineEnd): void {
    this.running.delete(job.id)
    this.listener?.ended(job.id, end)
  }
}

function startedRecord(container: ContainerState): StartedRecord {
  return { startedAt: Date.parse(container.State.StartedAt), containerId: container.Id }
}

function containerEnd({ State }: ContainerState, now: number): EngineEnd {
  const reason = State.OOMKilled ? 'OutOfMemoryError: Container killed due to memory usage' : State.Error
  const stoppedAt = Date.parse(State.FinishedAt) || now
  return { how: 'exited', stoppedAt, exitCode: State.ExitCode, ...(reason ? { reason } : {}) }
}

/** Runs one step of starting a container; its failure is told in the form that AWS clients match. */
async function named<Value>(code: string, step: () => Promise<Value>): Promise<Value> {
  try {
    return await step()
  } catch (error) {
    throw new Error(`${code}: ${(error as Error).message}`)
  }
}
