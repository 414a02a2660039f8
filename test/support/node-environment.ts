import type { HeldAttempt, HostReport } from '../../src/core/model/attempt.ts'
import type { EnvironmentConfig, HostOffer } from '../../src/core/model/environment.ts'
import { Environment } from '../../src/objects/environment/environment.ts'
import type { EnvironmentPorts } from '../../src/objects/environment/environment-ports.ts'
import type { AttachedQueue } from '../../src/objects/environment/environment-rpc.ts'
import { type AgentMessage, agentProtocolVersion } from '../../src/protocol/agent-protocol.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import type { PeerSocket } from '../../src/runtime/sockets.ts'

const salt = 'salt'
const leaseMs = 60_000

/** A real environment on `node:sqlite`, with hosts that say what they are told to, and queues that note what is reported. */
export class NodeEnvironment {
  environment: Environment
  now = 1_700_000_000_000
  /** What its queues have been told. */
  readonly reports: HostReport[] = []
  private readonly sql = new NodeSql()
  private readonly sockets: PeerSocket[] = []
  private readonly queues: AttachedQueue[]
  private readonly ports: Pick<EnvironmentPorts, 'scheduler' | 'queue'>
  private uuids = 0
  /** What the alarm is set to. */
  alarmAt: number | null = null

  /** `remote`: how others' answers are waited for. */
  constructor(
    queues: AttachedQueue[],
    scheduler: EnvironmentPorts['scheduler'] = { later: (_, task) => void setImmediate(task) },
    remote = <Rpc extends object>(rpc: Rpc): Rpc => rpc,
  ) {
    this.queues = queues
    const queue = remote({
      report: async (_: number, reports: HostReport[]) => {
        for (const report of reports) this.reports.push(report)
        const ends = reports.filter(({ kind }) => kind !== 'started')
        return { settled: ends.map(({ attemptId }) => attemptId), stop: [] }
      },
      wake: async () => undefined,
    })
    this.ports = { scheduler, queue: () => queue }
    this.environment = this.begun()
  }

  /** Memory is lost, the agents' sockets are not. */
  restart(): void {
    this.environment = this.begun()
    this.environment.resume(this.sockets, this.alarmAt)
  }

  /** A host connects. */
  hello(nth: number, offer: HostOffer, attempts: HeldAttempt[] = []): void {
    this.sockets[nth] = aSocket()
    const instanceId = nth.toString(16).padStart(17, '0').padEnd(32, '0')
    this.say(nth, { type: 'hello', protocol: agentProtocolVersion, instanceId, offer, attempts })
  }

  say(nth: number, message: AgentMessage): void {
    this.environment.received(this.sockets[nth]!, JSON.stringify(message))
  }

  /** A host's connection is gone. */
  disconnect(nth: number): void {
    this.environment.closed(this.sockets[nth]!)
  }

  /** Longer than a lease passes. */
  outlastLeases(): void {
    this.now += 2 * leaseMs
  }

  /** Rings the alarm if it is due; false when it is not. */
  ring(): boolean {
    if (this.alarmAt === null || this.alarmAt > this.now) return false
    this.alarmAt = null
    this.environment.alarm()
    return true
  }

  private begun(): Environment {
    const config: EnvironmentConfig = {
      number: 1,
      name: 'environment',
      uuid: '00000000-0000-4000-8000-000000000000',
      createdAt: 0,
      body: { type: 'UNMANAGED', state: 'ENABLED' },
      leaseMs,
    }
    return new Environment({
      ...this.ports,
      sql: this.sql,
      clock: { now: () => this.now },
      alarm: {
        set: (at) => {
          this.alarmAt = at
        },
      },
      random: { uuid: () => `uuid${this.uuids++}` },
      deployment: { partition: 'aws', region: 'us-east-1', accountId: '0', salt },
      number: 1,
      registry: { environmentSetup: async () => ({ config, queues: this.queues }) },
      logs: () => ({ append: async () => undefined }),
    })
  }
}

function aSocket(): PeerSocket {
  let peer: string | undefined
  return {
    send: () => undefined,
    close: () => undefined,
    lastPongAt: () => undefined,
    peer: () => peer,
    setPeer: (name) => {
      peer = name
    },
  }
}
