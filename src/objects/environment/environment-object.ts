import { DurableObject } from 'cloudflare:workers'
import { deploymentOf, type Env, logsStub, objectNumber, queueStub, registryStub } from '../../bindings.ts'
import type { EnvironmentConfig, HostView } from '../../core/model/environment.ts'
import { heartbeatRequest, heartbeatResponse } from '../../protocol/agent-protocol.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableAlarm } from '../../runtime/durable-alarm.ts'
import { durableScheduler } from '../../runtime/durable-scheduler.ts'
import { durableSocket } from '../../runtime/durable-socket.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import { systemRandom } from '../../runtime/random.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import { Environment } from './environment.ts'
import type {
  AttachedQueue,
  EnvironmentRpc,
  PlacementQuestion,
  PlaceRequest,
  StartNodes,
} from './environment-rpc.ts'

/** The Durable Object around an Environment: storage, alarm, and agents' WebSockets. */
export class EnvironmentObject extends DurableObject<Env> implements EnvironmentRpc {
  private readonly environment: Environment
  private readonly sql: DurableSql
  private readonly timer: DurableAlarm
  /** One PeerSocket for each WebSocket, so that it has an identity. */
  private readonly peers = new Map<WebSocket, PeerSocket>()

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.sql = new DurableSql(state.storage)
    this.timer = new DurableAlarm(state.storage)
    this.environment = new Environment({
      sql: this.sql,
      clock: systemClock,
      scheduler: durableScheduler(state),
      alarm: this.timer,
      random: systemRandom,
      deployment: deploymentOf(env),
      number: objectNumber(state),
      registry: registryStub(env),
      queue: (number) => queueStub(env, number),
      logs: (shard) => logsStub(env, shard),
    })
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeatRequest, heartbeatResponse))
    void state.blockConcurrencyWhile(async () => {
      const armed = await this.timer.armed()
      const sockets = state.getWebSockets().map((socket) => this.peer(socket))
      this.environment.resume(sockets, armed)
    })
  }

  configure(config: EnvironmentConfig, queues: AttachedQueue[]) {
    return this.environment.configure(config, queues)
  }

  openSession(queue: number) {
    return this.environment.openSession(queue)
  }

  place(request: PlaceRequest) {
    return this.environment.place(request)
  }

  explainPlacement(question: PlacementQuestion) {
    return this.environment.explainPlacement(question)
  }

  present() {
    return this.environment.present()
  }

  stopAttempts(attempts: { attemptId: string; reason: string }[]) {
    return this.environment.stopAttempts(attempts)
  }

  startNodes(start: StartNodes) {
    return this.environment.startNodes(start)
  }

  stopNodes(attempts: { attemptId: string; reason: string }[]) {
    return this.environment.stopNodes(attempts)
  }

  describeHosts(): Promise<HostView[]> {
    return this.environment.describeHosts()
  }

  /** Rows written since the object started, as billed. */
  rowsWritten(): number {
    return this.sql.rowsWritten() + this.timer.rowsWritten()
  }

  /** An agent's connection; the API has checked who it is. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('Upgrade')?.toLowerCase() !== 'websocket')
      return new Response('a WebSocket upgrade is expected', { status: 426 })
    await this.environment.ensureConfigured()
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message === 'string') this.environment.received(this.peer(socket), message)
  }

  override webSocketClose(socket: WebSocket): void {
    // Unanswered, the peer would wait for the closing handshake until it gives up.
    this.peer(socket).close(1000, '')
    this.gone(socket)
  }

  override webSocketError(socket: WebSocket): void {
    this.gone(socket)
  }

  override alarm(): void {
    this.environment.alarm()
  }

  private gone(socket: WebSocket): void {
    this.environment.closed(this.peer(socket))
    this.peers.delete(socket)
  }

  private peer(socket: WebSocket): PeerSocket {
    const known = this.peers.get(socket)
    if (known) return known
    const peer = durableSocket(this.ctx, socket)
    this.peers.set(socket, peer)
    return peer
  }
}
