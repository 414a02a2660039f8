import { WebSocket } from 'ws'
import {
  type AgentMessage,
  type EnvironmentMessage,
  heartbeatRequest,
  heartbeatResponse,
} from '../protocol/agent-protocol.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import type { Logger } from './logger.ts'
import type { Link } from './ports.ts'

const reconnect: Backoff = { firstMs: 100, longestMs: 10_000 }
/** Where a try fails for a reason that waiting alone hardly mends. */
const retrySlowly: Backoff = { firstMs: 2000, longestMs: 30_000 }
/** From opening the socket to the environment's welcome. */
const greetingMs = 15_000
/** How long a server may take to answer the end of a connection. */
const closeMs = 1000
/** Heartbeats without an answer after which a socket is dead. */
const missedHeartbeats = 3

export type ConnectionOptions = {
  /** The deployment, `http(s)://…`. */
  url: string
  environment: string
  token: string
  clock: Clock
  log: Logger
  handlers: {
    connected(): void
    received(message: EnvironmentMessage): void
    /** The ping sent at `sentAt` by `clock` was answered. */
    pong(sentAt: number): void
    disconnected(): void
    /** Trying again with the same words is of no use. */
    refused(why: string): void
  }
}

/** The address an agent connects to. Throws on what is no http(s) address. */
export function connectAddress(url: string, environment: string): URL {
  const address = new URL(`${url.replace(/\/+$/, '')}/agent/v1/environments/${environment}/connect`)
  if (address.protocol === 'http:') address.protocol = 'ws:'
  else if (address.protocol === 'https:') address.protocol = 'wss:'
  else throw new Error(`not an http or https address: ${url}`)
  return address
}

/** One WebSocket to the environment at a time, opened again whenever it is lost. */
export class Connection implements Link {
  private readonly options: ConnectionOptions
  private readonly address: URL
  private socket: WebSocket | undefined
  private isWelcome = false
  private isStopped = false
  private failures = 0
  private lastLine = ''
  /** When the pings under way were sent; they are answered in order. */
  private pings: number[] = []
  private heartbeat: NodeJS.Timeout | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions) {
    this.options = options
    this.address = connectAddress(options.url, options.environment)
  }

  open(): void {
    const headers = { authorization: `Bearer ${this.options.token}` }
    const socket = new WebSocket(this.address, {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: greetingMs,
    })
    this.socket = socket
    let failure = 'the connection was closed'
    let backoff = reconnect
    socket.on('open', () => this.opened(socket))
    socket.on('message', (data) => {
      if (socket === this.socket) this.heard(String(data))
    })
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0
      failure = `the server answered ${status} ${response.statusMessage ?? ''}`.trim()
      if (status === 404) failure += ` (is there an environment ${this.options.environment}?)`
      backoff = retrySlowly
      if (status === 401 || status === 403) this.refuse(failure)
      request.destroy()
      this.lost(socket, failure, backoff)
    })
    socket.on('error', (error) => {
      failure = (error as NodeJS.ErrnoException).code ?? error.message
    })
    socket.on('close', () => this.lost(socket, failure, backoff))
  }

  send(message: AgentMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** Closes for good. */
  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
    clearInterval(this.heartbeat)
    const { socket } = this
    socket?.close(1001)
    setTimeout(() => socket?.terminate(), closeMs).unref()
  }

  private opened(socket: WebSocket): void {
    this.timer = setTimeout(() => socket.terminate(), greetingMs)
    this.options.handlers.connected()
  }

  private heard(text: string): void {
    if (text === heartbeatResponse) {
      const sentAt = this.pings.shift()
      if (sentAt !== undefined) this.options.handlers.pong(sentAt)
      return
    }
    try {
      const message = JSON.parse(text) as EnvironmentMessage
      if (message.type === 'refused') {
        this.refuse(`${message.code}: ${message.message}`)
        return
      }
      if (message.type === 'welcome' && !this.isWelcome) this.welcomed(message.heartbeatMs)
      this.options.handlers.received(message)
    } catch (error) {
      this.options.log(
        `the environment sent what this agent does not understand: ${(error as Error).message}`,
      )
      this.socket?.terminate()
    }
  }

  private welcomed(heartbeatMs: number): void {
    this.isWelcome = true
    this.failures = 0
    clearTimeout(this.timer)
    this.say(`connected to ${this.options.url}, environment ${this.options.environment}`)
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs)
  }

  private beat(): void {
    if (this.pings.length >= missedHeartbeats) {
      this.socket?.terminate()
      return
    }
    this.pings.push(this.options.clock.now())
    this.socket?.send(heartbeatRequest)
  }

  /** The socket is dead: only now may another one be opened. */
  private lost(socket: WebSocket, failure: string, backoff: Backoff): void {
    if (socket !== this.socket) return
    this.socket = undefined
    clearInterval(this.heartbeat)
    clearTimeout(this.timer)
    const wasWelcome = this.isWelcome
    this.isWelcome = false
    this.pings = []
    this.options.handlers.disconnected()
    if (this.isStopped) return
    this.say(
      wasWelcome
        ? `disconnected (${failure}); jobs keep running`
        : `cannot reach ${this.options.url}: ${failure}`,
    )
    this.timer = setTimeout(() => this.open(), backoffMs(this.failures++, Math.random(), backoff))
  }

  private refuse(why: string): void {
    this.stop()
    this.options.handlers.refused(why)
  }

  /** A line that says the same as the one before is not repeated. */
  private say(line: string): void {
    if (line !== this.lastLine) this.options.log(line)
    this.lastLine = line
  }
}
