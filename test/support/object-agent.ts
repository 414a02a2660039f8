import { onTestFinished } from 'vitest'
import type { AttemptReport, HeldAttempt } from '../../src/core/model/attempt.ts'
import type { HostOffer } from '../../src/core/model/environment.ts'
import {
  type AgentMessage,
  agentProtocolVersion,
  type EnvironmentMessage,
  heartbeatRequest,
  heartbeatResponse,
  type StartAttempt,
} from '../../src/protocol/agent-protocol.ts'
import { anOffer } from './builders.ts'
import type { EnvironmentStub } from './object-deployment.ts'
import { Watchers } from './watchers.ts'

type MessageOf<Type extends EnvironmentMessage['type']> = EnvironmentMessage & { type: Type }
type EndedReport = AttemptReport & { kind: 'ended' }
export type AgentOptions = {
  /** 32 hex digits; each agent is a host of its own unless told otherwise. */
  instanceId?: string
  vcpus?: number
  offer?: Partial<HostOffer>
  /** What it says it holds when it connects. */
  attempts?: HeldAttempt[]
  /**
   * Exit code of an attempt, which it reports with the start in one message; it says hello again when it is asked to.
   * Absent: the test does all that.
   */
  run?: (attempt: StartAttempt) => number
}

let nextInstance = 1

/** A host's agent whose every word a test decides, on a real WebSocket to its environment. */
export class ScriptedAgent {
  readonly instanceId: string
  readonly received: EnvironmentMessage[] = []
  /** Answers to heartbeats. */
  pongs = 0
  /** Code and reason with which the socket was closed. */
  closed: { code: number; reason: string } | undefined
  private readonly socket: WebSocket
  private readonly options: AgentOptions
  private readonly watchers = new Watchers()

  /** Opens a socket and says nothing. */
  static async dial(environment: EnvironmentStub, options: AgentOptions = {}): Promise<ScriptedAgent> {
    const request = new Request('http://environment/connect', { headers: { Upgrade: 'websocket' } })
    const { webSocket } = await environment.fetch(request)
    if (!webSocket) throw new Error('the environment took no WebSocket')
    const agent = new ScriptedAgent(webSocket, options)
    // Left connected, it would run jobs of the next file's environment of the same number.
    onTestFinished(() => agent.close())
    return agent
  }

  /** Opens a socket, says hello and waits to be welcomed. */
  static async connect(environment: EnvironmentStub, options: AgentOptions = {}): Promise<ScriptedAgent> {
    const agent = await ScriptedAgent.dial(environment, options)
    agent.hello(options.attempts)
    await agent.heard('welcome')
    return agent
  }

  private constructor(socket: WebSocket, options: AgentOptions) {
    this.socket = socket
    this.options = options
    this.instanceId = options.instanceId ?? (nextInstance++).toString(16).padEnd(32, 'f')
    socket.accept()
    socket.addEventListener('message', ({ data }) => this.take(String(data)))
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason }
      this.changed()
    })
  }

  say(message: AgentMessage): void {
    this.sayText(JSON.stringify(message))
  }

  sayText(text: string): void {
    this.socket.send(text)
  }

  hello(attempts: HeldAttempt[] = [], members: Partial<AgentMessage & { type: 'hello' }> = {}): void {
    const offer = anOffer(this.options.vcpus ?? 4, this.options.offer)
    const { instanceId } = this
    this.say({ type: 'hello', protocol: agentProtocolVersion, instanceId, offer, attempts, ...members })
  }

  started(attemptId: string, startedAt = 100): void {
    this.say({ type: 'reports', reports: [{ attemptId, kind: 'started', startedAt }] })
  }

  ended(attemptId: string, members: Partial<EndedReport> = {}): void {
    this.say({ type: 'reports', reports: [endOf(attemptId, members)] })
  }

  async ping(): Promise<void> {
    const before = this.pongs
    this.sayText(heartbeatRequest)
    await this.until('the heartbeat is answered', () => this.pongs > before)
  }

  /** How often it was welcomed. */
  get welcomes(): number {
    return this.all('welcome').length
  }

  /** Every attempt it was told to start, in order. */
  get starts(): StartAttempt[] {
    return this.all('start').flatMap(({ attempts }) => attempts)
  }

  get stops(): { attemptId: string; reason: string }[] {
    return this.all('stop').flatMap(({ attempts }) => attempts)
  }

  get settled(): string[] {
    return this.all('settled').flatMap(({ attemptIds }) => attemptIds)
  }

  /** The first message of a type, once it has come. */
  async heard<Type extends EnvironmentMessage['type']>(type: Type): Promise<MessageOf<Type>> {
    await this.until(`it hears ${type}`, () => this.all(type).length > 0)
    return this.all(type)[0]!
  }

  /** The attempts it was told to start, once they are at least so many. */
  async given(count: number): Promise<StartAttempt[]> {
    await this.until(`it is given ${count} attempts`, () => this.starts.length >= count)
    return this.starts
  }

  /** Resolves when `condition` holds; it is looked at whenever something comes in. */
  until(what: string, condition: () => boolean, withinMs = 20_000): Promise<void> {
    return this.watchers.until(what, condition, withinMs)
  }

  close(): void {
    this.socket.close(1000, 'the agent leaves')
  }

  private all<Type extends EnvironmentMessage['type']>(type: Type): MessageOf<Type>[] {
    return this.received.filter((message): message is MessageOf<Type> => message.type === type)
  }

  private take(text: string): void {
    if (text === heartbeatResponse) this.pongs++
    else {
      const message = JSON.parse(text) as EnvironmentMessage
      this.received.push(message)
      if (message.type === 'start' && this.options.run) this.runAll(message.attempts, this.options.run)
      if (message.type === 'identify' && this.options.run) this.hello()
    }
    this.changed()
  }

  private runAll(attempts: StartAttempt[], run: (attempt: StartAttempt) => number): void {
    const reports = attempts.flatMap((attempt): AttemptReport[] => [
      { attemptId: attempt.attemptId, kind: 'started', startedAt: 100 },
      endOf(attempt.attemptId, { exitCode: run(attempt) }),
    ])
    this.say({ type: 'reports', reports })
  }

  private changed(): void {
    this.watchers.look()
  }
}

/** The report of an attempt that ran from 100 to 200 and ended with 0. */
export function endOf(attemptId: string, members: Partial<EndedReport> = {}): EndedReport {
  return {
    attemptId,
    kind: 'ended',
    cause: 'exited',
    startedAt: 100,
    stoppedAt: 200,
    exitCode: 0,
    ...members,
  }
}
