import { Agent } from '../../src/agent/agent.ts'
import type {
  AcceptedAttempt,
  KnownAttempt,
  Lease,
  RecoveredAttempt,
  Runtime,
  RuntimeListener,
  StopCause,
} from '../../src/agent/ports.ts'
import { assert } from '../../src/core/assert.ts'
import { formatAttemptId, parseAttemptId } from '../../src/core/model/ids.ts'
import { fits, type Resources } from '../../src/core/model/resources.ts'
import type { SimSocket } from './faulty-network.ts'
import { Life, type World } from './world.ts'

export const simSalt = 'simulation'

/** Everything that ever ran, on all hosts: where the promises of the product are checked. */
export class RunRecord {
  readonly runs = new Set<string>()
  /** Job target → attempt that runs at this moment. */
  private readonly live = new Map<string, string>()

  begin(attemptId: string): void {
    assert(!this.runs.has(attemptId), `attempt ${attemptId} was started twice`)
    this.runs.add(attemptId)
    const target = targetOf(attemptId)
    const other = this.live.get(target)
    assert(other === undefined, `attempt ${attemptId} overlaps with ${other} of the same job`)
    this.live.set(target, attemptId)
    this.beginNode(attemptId)
  }

  /** A node runs with the others of its attempt, none before the main one, which is node 0. */
  private beginNode(attemptId: string): void {
    const { node, ...key } = parseAttemptId(attemptId, simSalt)!
    if (node === undefined) return
    const main = formatAttemptId({ ...key, node: 0 }, simSalt)
    assert(this.runs.has(main), `node ${attemptId} runs before its main node`)
    for (const other of this.live.values()) {
      const { queue, seq, attempt } = parseAttemptId(other, simSalt)!
      const overlaps = queue === key.queue && seq === key.seq && attempt !== key.attempt
      assert(!overlaps, `node ${attemptId} overlaps with ${other} of another attempt`)
    }
  }

  isLive(attemptId: string): boolean {
    return this.live.get(targetOf(attemptId)) === attemptId
  }

  end(attemptId: string): void {
    if (this.live.get(targetOf(attemptId)) === attemptId) this.live.delete(targetOf(attemptId))
  }
}

function targetOf(attemptId: string): string {
  const key = parseAttemptId(attemptId, simSalt)
  assert(key, `an attempt of nobody: ${attemptId}`)
  return `${key.queue}/${key.seq}/${key.index ?? ''}/${key.node ?? ''}`
}

/** What a simulated container does: how long it takes to come up and to run, and how it ends. */
export type Behaviour = (attempt: AcceptedAttempt) => { startMs: number; runMs: number; exitCode: number }

/** A machine: its processes outlive the agent's, and die with it. */
class SimRuntime implements Runtime {
  private readonly known = new Map<string, KnownAttempt>()
  private readonly stopping = new Map<string, StopCause>()
  private listener: RuntimeListener | undefined
  private readonly world: World
  private readonly record: RunRecord
  private readonly capacity: Resources
  private readonly behaviour: Behaviour
  powered = true

  constructor(world: World, record: RunRecord, capacity: Resources, behaviour: Behaviour) {
    this.world = world
    this.record = record
    this.capacity = capacity
    this.behaviour = behaviour
  }

  recover(listener: RuntimeListener): RecoveredAttempt[] {
    this.listener = listener
    return [...this.known.values()]
  }

  /** The agent's process has died; the machine runs on. */
  agentDied(): void {
    this.listener = undefined
  }

  powerOff(): void {
    this.powered = false
    this.listener = undefined
    for (const attemptId of this.known.keys()) this.record.end(attemptId)
  }

  start(attempt: AcceptedAttempt): void {
    const { attemptId } = attempt
    this.record.begin(attemptId)
    this.known.set(attemptId, { attempt, state: 'starting' })
    this.checkCapacity()
    const { startMs, runMs, exitCode } = this.behaviour(attempt)
    this.world.at(startMs, () => {
      if (!this.isLive(attemptId)) return
      this.known.set(attemptId, { attempt, state: 'running', startedAt: this.world.now() })
      this.listener?.started(attemptId, this.world.now())
      this.world.at(runMs, () => this.finish(attemptId, 'exited', exitCode))
    })
  }

  stop(attemptId: string, cause: StopCause, graceMs: number): void {
    if (!this.isLive(attemptId)) return
    if (!this.stopping.has(attemptId)) this.stopping.set(attemptId, cause)
    const first = this.stopping.get(attemptId)!
    this.world.at(this.world.between(0, graceMs), () => this.finish(attemptId, first, 143))
  }

  resume(): void {}

  forget(attemptId: string): void {
    this.known.delete(attemptId)
  }

  disown(attemptId: string): void {
    this.record.end(attemptId)
    this.known.delete(attemptId)
  }

  private isLive(attemptId: string): boolean {
    const known = this.known.get(attemptId)
    return this.powered && known !== undefined && known.state !== 'ended'
  }

  private finish(attemptId: string, cause: 'exited' | StopCause, exitCode: number): void {
    const known = this.known.get(attemptId)
    if (!this.powered || !known || known.state === 'ended') return
    const started = known.state === 'running' ? { startedAt: known.startedAt } : {}
    const stoppedAt = this.world.now()
    const report = { attemptId, kind: 'ended', cause, exitCode, stoppedAt, ...started } as const
    this.known.set(attemptId, { attempt: known.attempt, state: 'ended', report })
    this.record.end(attemptId)
    this.listener?.ended(report)
  }

  private checkCapacity(): void {
    let cpuMilli = 0
    let memoryMiB = 0
    let gpuMilli = 0
    for (const { attempt, state } of this.known.values()) {
      if (state === 'ended') continue
      cpuMilli += attempt.spec.resources.cpuMilli
      memoryMiB += attempt.spec.resources.memoryMiB
      gpuMilli += attempt.spec.resources.gpuMilli
    }
    const taken = { cpuMilli, memoryMiB, gpuMilli, diskMiB: 0 }
    assert(
      fits(taken, this.capacity),
      `host over-committed: ${JSON.stringify(taken)} of ${JSON.stringify(this.capacity)}`,
    )
  }
}

/** A host with the real Agent on a simulated machine, dialling in over simulated sockets. */
export class SimHost {
  private readonly world: World
  private readonly runtime: SimRuntime
  private readonly instanceId: string
  private readonly capacity: Resources
  private readonly dial: () => SimSocket | undefined
  private savedLease: Lease | undefined
  private life: Life
  private agent: Agent | undefined
  socket: SimSocket | undefined

  constructor(
    world: World,
    record: RunRecord,
    host: {
      instanceId: string
      capacity: Resources
      behaviour: Behaviour
      dial: () => SimSocket | undefined
    },
  ) {
    this.world = world
    this.instanceId = host.instanceId
    this.capacity = host.capacity
    this.dial = host.dial
    this.runtime = new SimRuntime(world, record, host.capacity, host.behaviour)
    this.life = new Life(world)
    this.boot()
  }

  /** kill -9 of the agent, and a supervisor that starts it again after a while. */
  restartAgent(afterMs: number): void {
    if (!this.runtime.powered || !this.life.alive) return
    this.life.end()
    this.runtime.agentDied()
    this.socket?.cut(true)
    this.world.at(afterMs, () => {
      if (this.runtime.powered) this.boot()
    })
  }

  /** The machine is gone for good; the environment is not told. */
  powerOff(): void {
    this.runtime.powerOff()
    this.life.end()
    this.socket?.cut(this.world.chance(0.5))
  }

  private boot(): void {
    this.life = new Life(this.world)
    const agent = new Agent({
      instanceId: this.instanceId,
      offer: {
        resources: this.capacity,
        architecture: 'X86_64',
        labels: {},
        runtime: 'process',
        hostname: this.instanceId,
      },
      link: { send: (message) => this.socket?.fromAgent(message) },
      runtime: this.runtime,
      logs: { opened: () => undefined, settled: () => undefined, closed: () => undefined },
      journal: {
        lease: () => this.savedLease,
        saveLease: (lease) => {
          this.savedLease = lease
        },
      },
      clock: this.world,
      scheduler: this.life.scheduler,
    })
    this.agent = agent
    agent.start()
    this.connect()
  }

  private connect(): void {
    const { life, agent } = this
    if (!life.alive || !agent) return
    const again = () => life.scheduler.later(this.world.between(100, 2_000), () => this.connect())
    const socket = this.dial()
    if (!socket) return again()
    this.socket = socket
    socket.toAgent = (message) => {
      if (life.alive && this.socket === socket) agent.received(message)
    }
    socket.agentClosed = () => {
      if (!life.alive || this.socket !== socket) return
      this.socket = undefined
      agent.disconnected()
      again()
    }
    agent.connected()
    this.beat(socket, life, agent)
  }

  private beat(socket: SimSocket, life: Life, agent: Agent): void {
    if (!socket.open || !life.alive) return
    const sentAt = this.world.now()
    socket.ping(() => {
      if (life.alive && this.socket === socket) agent.pong(sentAt)
    })
    life.scheduler.later(1_000, () => this.beat(socket, life, agent))
  }
}
