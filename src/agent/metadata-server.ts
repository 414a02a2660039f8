import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Of what every address is made: kept, so that a job's address is the same one after a restart of the agent. */
export type MetadataKeys = { port: number; secret: string }

/** What is told of the container with an id, or of the task it belongs to. */
export type MetadataSource = (id: string, of: 'container' | 'task') => object | undefined

const maxConnections = 256

/**
 * Answers `ECS_CONTAINER_METADATA_URI_V4` (Amazon ECS, "task metadata endpoint version 4"): `GET {uri}` tells of the
 * container, `GET {uri}/task` of its task. Each container has an address of its own that cannot be guessed:
 *
 *     http://{address}:{port}/v4/{the container's id}-{32 hex digits}
 */
export class MetadataServer {
  readonly keys: MetadataKeys
  private readonly origin: string
  private readonly server: Server
  private source: MetadataSource | undefined

  /**
   * Listens on an address of this machine, on the port of `keys` if that is free and on any other if it is not. Throws
   * where the address is not this machine's.
   */
  static async open(address: string, keys?: MetadataKeys): Promise<MetadataServer> {
    const secret = keys?.secret ?? randomBytes(32).toString('hex')
    const server =
      (keys && (await listen(address, keys.port).catch(() => undefined))) ?? (await listen(address, 0))
    return new MetadataServer(address, server, secret)
  }

  private constructor(address: string, server: Server, secret: string) {
    const { port } = server.address() as AddressInfo
    this.keys = { port, secret }
    this.origin = `http://${address}:${port}`
    this.server = server
    server.maxConnections = maxConnections
    server.on('request', (request, response) => this.answer(request, response))
  }

  uriOf(id: string): string {
    return `${this.origin}/v4/${id}-${this.proofOf(id)}`
  }

  /** From now on requests are answered; before they are told to come again. */
  serve(source: MetadataSource): void {
    this.source = source
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET') return send(response, 405, { error: 'only GET is answered' })
    if (!this.source) return send(response, 503, { error: 'the agent is starting' })
    const [, id, proof, of] = pathPattern.exec(request.url ?? '') ?? []
    const isKnown = id !== undefined && timingSafeEqual(Buffer.from(proof!), Buffer.from(this.proofOf(id)))
    const metadata = isKnown ? this.source(id, of ? 'task' : 'container') : undefined
    if (metadata) send(response, 200, metadata)
    else send(response, 404, { error: 'there is no such container, or nothing of this name is told of one' })
  }

  private proofOf(id: string): string {
    return createHmac('sha256', this.keys.secret).update(id).digest('hex').slice(0, 32)
  }
}

const pathPattern = /^\/v4\/([0-9a-f]{32}(?:-\d+)?)-([0-9a-f]{32})(\/task)?\/?$/

function listen(address: string, port: number): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer()
  server.once('error', reject)
  server.listen(port, address, () => resolve(server))
  return promise
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
