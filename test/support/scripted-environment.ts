import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { EndedReport } from '../../src/agent/ports.ts'
import type { AttemptReport } from '../../src/core/model/attempt.ts'
import type { LogBatch } from '../../src/core/model/log.ts'
import type { TaskSpec } from '../../src/core/model/task-spec.ts'
import {
  type AgentMessage,
  type EnvironmentMessage,
  heartbeatRequest,
  heartbeatResponse,
} from '../../src/protocol/agent-protocol.ts'
import { parseAgentMessage } from '../../src/protocol/parse-agent-message.ts'
import { attemptIdOf } from './attempts.ts'
import { Watchers } from './watchers.ts'

export type Hello = AgentMessage & { type: 'hello' }
export type ScriptedOptions = {
  leaseMs?: number
  heartbeatMs?: number
  deployment?: string
  /** Whether pings are answered, ends are settled, log messages are acknowledged. */
  pong?: boolean
  settle?: boolean
  settleLogs?: boolean
}

/** The other end of an agent's socket, as a test wants it: a real server that says what a script tells it to. */
export class ScriptedEnvironment {
  readonly options: Required<ScriptedOptions>
  readonly hellos: Hello[] = []
  readonly reports: AttemptReport[] = []
  readonly authorizations: (string | undefined)[] = []
  readonly paths: (string | undefined)[] = []
  /** Messages that broke the protocol. */
  readonly errors: string[] = []
  readonly logMessages: number[] = []
  largestMessage = 0
  /** Status with which connections are turned away, if any. */
  turnAway: number | undefined
  /** What a `welcome` is to tell besides. */
  welcome: { stop: string[]; forget: string[] } = { stop: [], forget: [] }
  private readonly lines = new Map<string, [number, string][]>()
  private readonly server: Server
  private readonly sockets = new Set<WebSocket>()
  private readonly watchers = new Watchers()

  static async open(options: ScriptedOptions = {}): Promise<ScriptedEnvironment> {
    const environment = new ScriptedEnvironment(options)
    await environment.listen(0)
    return environment
  }

  private constructor(options: ScriptedOptions) {
    const defaults = { leaseMs: 600_000, heartbeatMs: 60_000, deployment: 'here', pong: true }
    this.options = { ...defaults, settle: true, settleLogs: true, ...options }
    this.server = createServer()
    const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 })
    this.server.on('upgrade', (request, socket, head) => {
      this.authorizations.push(request.headers.authorization)
      this.paths.push(request.url)
      if (this.turnAway !== undefined) {
        socket.end(`HTTP/1.1 ${this.turnAway} Turned Away\r\nconnection: close\r\n\r\n`)
        this.changed()
      } else sockets.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  get connections(): number {
    return this.sockets.size
  }

  /** What a container of an attempt printed, as far as it came; numbers without a gap, doubled batches left out. */
  events(n: number, container = 'default'): [number, string][] {
    return this.lines.get(`test/${container}/${attemptIdOf(n)}`) ?? []
  }

  output(n: number, container = 'default'): string[] {
    return this.events(n, container).map(([, text]) => text)
  }

  ended(n: number): EndedReport | undefined {
    return this.reports.find(
      (report): report is EndedReport => report.kind === 'ended' && report.attemptId === attemptIdOf(n),
    )
  }

  started(n: number): (AttemptReport & { kind: 'started' }) | undefined {
    return this.reports.find(
      (report): report is AttemptReport & { kind: 'started' } =>
        report.kind === 'started' && report.attemptId === attemptIdOf(n),
    )
  }

  say(message: EnvironmentMessage): void {
    for (const socket of this.sockets) socket.send(JSON.stringify(message))
  }

  start(n: number, spec: TaskSpec, environment: Record<string, string> = {}): void {
    this.say({
      type: 'start',
      specs: [spec],
      attempts: [{ attemptId: attemptIdOf(n), spec: 0, environment }],
    })
  }

  /** Breaks every connection, without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  /** Resolves when `condition` holds; it is looked at whenever something comes in. */
  until(what: string, condition: () => boolean, withinMs = 30_000): Promise<void> {
    return this.watchers.until(what, condition, withinMs)
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve))
  }

  private accept(socket: WebSocket): void {
    this.sockets.add(socket)
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.changed()
    })
    socket.on('message', (data) => {
      const text = String(data)
      if (text === heartbeatRequest) {
        if (this.options.pong) socket.send(heartbeatResponse)
        return
      }
      this.largestMessage = Math.max(this.largestMessage, Buffer.byteLength(text))
      const parsed = parseAgentMessage(text)
      if (parsed.ok) this.heard(socket, parsed.message)
      else this.errors.push(parsed.error)
      this.changed()
    })
  }

  private heard(socket: WebSocket, message: AgentMessage): void {
    if (message.type === 'hello') this.greet(socket, message)
    else if (message.type === 'reports') this.record(socket, message.reports)
    else {
      this.logMessages.push(message.id)
      for (const batch of message.batches) this.store(batch)
      if (this.options.settleLogs) socket.send(JSON.stringify({ type: 'logs-settled', id: message.id }))
    }
  }

  private greet(socket: WebSocket, hello: Hello): void {
    const { deployment, leaseMs, heartbeatMs } = this.options
    this.hellos.push(hello)
    const stop = this.welcome.stop.map((attemptId) => ({ attemptId, reason: 'test' }))
    const { forget } = this.welcome
    const account = { partition: 'aws', region: 'us-east-1', accountId: '000000000000' }
    const welcome = { deployment, account, environment: 'local', leaseMs, heartbeatMs, stop, forget }
    socket.send(JSON.stringify({ type: 'welcome', ...welcome }))
    const ended = hello.attempts.flatMap((held) => (held.state === 'ended' ? [held.report] : []))
    this.record(socket, ended)
  }

  private record(socket: WebSocket, reports: AttemptReport[]): void {
    this.reports.push(...reports)
    const attemptIds = reports.filter(({ kind }) => kind === 'ended').map(({ attemptId }) => attemptId)
    if (this.options.settle && attemptIds.length > 0) {
      socket.send(JSON.stringify({ type: 'settled', attemptIds }))
    }
  }

  /** As a log store does: a repeat is left out, a gap is an error. */
  private store({ stream, first, events }: LogBatch): void {
    const stored = this.lines.get(stream) ?? []
    this.lines.set(stream, stored)
    if (first > stored.length) this.errors.push(`${stream}: events ${stored.length} to ${first} are missing`)
    const known = stored.length - first
    for (const [index, event] of events.slice(0, known).entries()) {
      if (stored[first + index]![1] !== event[1])
        this.errors.push(`${stream}: event ${first + index} changed`)
    }
    stored.push(...events.slice(known))
  }

  private changed(): void {
    this.watchers.look()
  }
}
