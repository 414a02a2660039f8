import { isIPv4 } from 'node:net'
import type { Readable } from 'node:stream'
import { Pool } from 'undici'

/** The newest version of the Engine API that this client speaks; an older engine is spoken to in its own. */
const apiVersion = 1.43
const defaultHost = 'unix:///var/run/docker.sock'

/** What the engine answered instead of success. `status` 0: it did not answer. */
export class DockerError extends Error {
  override name = 'DockerError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type ContainerState = {
  Id: string
  Config: { StopSignal?: string }
  State: {
    Status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
    ExitCode: number
    OOMKilled: boolean
    Error: string
    StartedAt: string
    FinishedAt: string
  }
}
export type ContainerSummary = {
  Id: string
  State: ContainerState['State']['Status']
  Labels: Record<string, string>
}
/** `Created`: when the image was made, seconds. An image that was untagged has `<none>` for names. */
export type ImageSummary = { Created: number; RepoTags: string[] | null; RepoDigests: string[] | null }
export type EngineInfo = { NCPU: number; MemTotal: number; ServerVersion: string; Architecture: string }
/** A line of a pull's progress. */
export type PullProgress = { status?: string; id?: string; error?: string }

type Query = Record<string, string>
/** `body` is sent as JSON, or as it is. */
type RequestOptions = { body?: object | Buffer; signal?: AbortSignal }

/** The part of the Docker Engine API that the agent uses, over the engine's own socket. */
export class DockerClient {
  /** Whether the engine is this machine's. */
  readonly isLocal: boolean
  private readonly pool: Pool
  private prefix = ''

  /** Finds out whether an engine answers at `host` (`unix://…` or `tcp://…`) and which version it speaks. */
  static async connect(host = process.env.DOCKER_HOST || defaultHost): Promise<DockerClient> {
    const client = new DockerClient(host)
    const { ApiVersion } = await client.json<{ ApiVersion: string }>('GET', '/version')
    client.prefix = `/v${Math.min(apiVersion, Number(ApiVersion))}`
    return client
  }

  private constructor(host: string) {
    this.isLocal = host.startsWith('unix://')
    const endless = { headersTimeout: 0, bodyTimeout: 0, connections: null }
    if (this.isLocal) {
      this.pool = new Pool('http://docker', {
        ...endless,
        connect: { socketPath: host.slice('unix://'.length) },
      })
    } else if (host.startsWith('tcp://')) {
      this.pool = new Pool(`http://${host.slice('tcp://'.length)}`, endless)
    } else throw new DockerError(0, `DOCKER_HOST ${host}: only unix:// and tcp:// are supported`)
  }

  /** Breaks off everything under way. */
  close(): void {
    void this.pool.destroy()
  }

  info(): Promise<EngineInfo> {
    return this.json('GET', '/info')
  }

  listImages(): Promise<ImageSummary[]> {
    return this.json('GET', '/images/json')
  }

  async hasImage(image: string): Promise<boolean> {
    try {
      await this.json('GET', `/images/${encodeURI(image)}/json`)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** Pulls an image, telling of progress; an image without tag or digest means `latest`. Throws what the registry says. */
  async pullImage(image: string, progress: (line: PullProgress) => void): Promise<void> {
    const hasTag = /[:@][^/]*$/.test(image)
    const query = { fromImage: image, ...(hasTag ? {} : { tag: 'latest' }) }
    await readProgress(await this.stream('POST', '/images/create', query), progress)
  }

  /** Makes an image of a file system in a tar archive. */
  async importImage(image: string, archive: Buffer): Promise<void> {
    const [repo, tag] = image.split(':') as [string, string]
    const query = { fromSrc: '-', repo, tag }
    await readProgress(await this.stream('POST', '/images/create', query, { body: archive }), () => {})
  }

  async createContainer(name: string, body: object): Promise<string> {
    const { Id } = await this.json<{ Id: string }>('POST', '/containers/create', { name }, body)
    return Id
  }

  /** Starts a container; one that was started before is fine. */
  async startContainer(id: string): Promise<void> {
    await this.json('POST', `/containers/${id}/start`)
  }

  inspectContainer(idOrName: string): Promise<ContainerState> {
    return this.json('GET', `/containers/${idOrName}/json`)
  }

  /** All containers with a label (`key=value`), running or not. */
  listContainers(label: string): Promise<ContainerSummary[]> {
    return this.json('GET', '/containers/json', { all: '1', filters: JSON.stringify({ label: [label] }) })
  }

  /** The IPv4 address of a network's gateway, if it has one: where its containers reach this machine. */
  async gatewayOf(network: string): Promise<string | undefined> {
    type Network = { IPAM: { Config: { Gateway?: string }[] | null } }
    try {
      const { IPAM } = await this.json<Network>('GET', `/networks/${encodeURIComponent(network)}`)
      return IPAM.Config?.map(({ Gateway }) => Gateway ?? '').find(isIPv4)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Answers when the container does not run any more. */
  async waitForContainer(id: string): Promise<void> {
    await this.json('POST', `/containers/${id}/wait`, { condition: 'not-running' })
  }

  /** Sends a signal; a container that is gone or does not run is fine. */
  async signalContainer(id: string, signal: string): Promise<void> {
    try {
      await this.json('POST', `/containers/${id}/kill`, { signal })
    } catch (error) {
      if (!isMissing(error) && !(error instanceof DockerError && error.status === 409)) throw error
    }
  }

  /** Removes a container and its anonymous volumes, running or not; one that is gone is fine. */
  async removeContainer(idOrName: string): Promise<void> {
    await this.removal(`/containers/${idOrName}`, { force: '1', v: '1' })
  }

  async removeVolume(name: string): Promise<void> {
    await this.removal(`/volumes/${name}`, { force: '1' })
  }

  /** What a container has printed, from the beginning, in frames with timestamps; with `follow` also what it will print. */
  containerLogs(id: string, { follow }: { follow?: AbortSignal }): Promise<Readable> {
    const query = { stdout: '1', stderr: '1', timestamps: '1', follow: follow ? '1' : '0' }
    return this.stream('GET', `/containers/${id}/logs`, query, follow ? { signal: follow } : {})
  }

  private async removal(path: string, query: Query): Promise<void> {
    try {
      await this.json('DELETE', path, query)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  private async json<Answer>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query: Query = {},
    body?: object,
  ) {
    const stream = await this.stream(method, path, query, body ? { body } : {})
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }

  private async stream(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query: Query,
    options: RequestOptions = {},
  ): Promise<Readable> {
    const response = await this.request(method, path, query, options)
    if (response.statusCode < 400) return response.body
    const text = await response.body.text()
    let message = text.trim()
    try {
      message = (JSON.parse(text) as { message: string }).message
    } catch {}
    throw new DockerError(response.statusCode, message)
  }

  private async request(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query: Query,
    { body, signal }: RequestOptions,
  ) {
    const search = new URLSearchParams(query).toString()
    const isRaw = Buffer.isBuffer(body)
    const headers = { 'content-type': isRaw ? 'application/x-tar' : 'application/json' }
    try {
      return await this.pool.request({
        method,
        path: `${this.prefix}${path}${search && `?${search}`}`,
        ...(body ? { body: isRaw ? body : JSON.stringify(body), headers } : {}),
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      throw new DockerError(0, `the Docker engine does not answer: ${(error as Error).message}`)
    }
  }
}

/** Whether the engine said that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof DockerError && error.status === 404
}

/** Passes on the lines of a long answer; throws the failure that one of them may tell. */
async function readProgress(body: Readable, progress: (line: PullProgress) => void): Promise<void> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const chunk of body) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (line.trim() === '') continue
      const step = JSON.parse(line) as PullProgress
      if (step.error) throw new DockerError(500, step.error)
      progress(step)
    }
  }
}
