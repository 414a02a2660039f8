import { assert } from '../core/assert.ts'
import type { AttemptReport, HeldAttempt } from '../core/model/attempt.ts'
import type { HostOffer } from '../core/model/environment.ts'
import {
  agentProtocolVersion,
  type EnvironmentMessage,
  type StopAttempt,
} from '../protocol/agent-protocol.ts'
import type { Clock, Scheduler } from '../runtime/clock.ts'
import { fenceOf } from './lease.ts'
import type {
  AcceptedAttempt,
  EndedReport,
  ImageList,
  Journal,
  Lease,
  Link,
  LogLink,
  RecoveredAttempt,
  Runtime,
  StopCause,
} from './ports.ts'

/** Reports that follow within this time travel in one message: start and end of a very short job, above all. */
const reportDelayMs = 5
const reportsPerMessage = 1000
/** Timers cannot be longer (2^31 ms); one that wakes the agent early is set again. */
const longestSleepMs = 2 ** 31 - 1
/** Settled attempts that are still recognised, so that a late repeat of their start runs nothing twice. */
const rememberedAttempts = 10_000

/** What an agent is made of. `clock` counts its lease and its attempts' time limits. */
export type AgentPorts = {
  instanceId: string
  offer: HostOffer
  link: Link
  runtime: Runtime
  /** Of a runtime that has images. */
  images?: ImageList | undefined
  logs: LogLink
  journal: Journal
  clock: Clock
  scheduler: Scheduler
}

type Held = RecoveredAttempt & { timedOut?: true; fenced?: true }
type Due = { at: number; cause: StopCause; graceMs: number }

/**
 * What a host's agent knows and decides: which attempts it holds, what it tells its environment about them, when
 * they must end. Knows its ports only; its owner calls `start` once and then tells it of the connection:
 * `connected`, `received`, `pong`, `disconnected`.
 */
export class Agent {
  private readonly ports: AgentPorts
  private readonly held = new Map<string, Held>()
  private readonly settled = new Set<string>()
  private reports: AttemptReport[] = []
  /** The images that the environment was told of last. */
  private toldImages: readonly string[] | undefined
  private connection: 'closed' | 'greeting' | 'open' = 'closed'
  private greetedAt = 0
  private server: Pick<AcceptedAttempt, 'deployment' | 'account'> = { deployment: '' }
  private lease: Lease | undefined
  private savedLease: Lease | undefined
  /** When the earliest timer fires, so that a later need sets no other. */
  private wakeAt = Number.POSITIVE_INFINITY

  constructor(ports: AgentPorts) {
    this.ports = ports
  }

  /** Takes up what an earlier life of this agent left running, under the lease it had. */
  start(): void {
    this.lease = this.ports.journal.lease()
    this.savedLease = this.lease
    const listener = {
      started: (attemptId: string, startedAt: number) => this.started(attemptId, startedAt),
      ended: (report: EndedReport) => this.ended(report),
    }
    for (const found of this.ports.runtime.recover(listener)) this.held.set(found.attempt.attemptId, found)
    this.watch()
  }

  /** Whether anything it holds has not ended. */
  isBusy(): boolean {
    for (const held of this.held.values()) if (held.state !== 'ended') return true
    return false
  }

  /** A socket has opened. */
  connected(): void {
    const { instanceId, offer, clock, link } = this.ports
    this.connection = 'greeting'
    this.greetedAt = clock.now()
    this.reports = []
    const attempts = [...this.held.values()].map(asHeldAttempt)
    this.toldImages = undefined
    const words = { instanceId, offer, attempts, ...this.newImages() }
    link.send({ type: 'hello', protocol: agentProtocolVersion, ...words })
    this.ports.images?.refresh()
  }

  disconnected(): void {
    if (this.connection === 'open') this.ports.logs.closed()
    this.connection = 'closed'
    this.reports = []
  }

  /** The ping sent at `sentAt`, by this agent's clock, was answered. */
  pong(sentAt: number): void {
    if (this.connection === 'open' && this.lease) this.renew(sentAt, this.lease.leaseMs)
  }

  received(message: EnvironmentMessage): void {
    if (message.type === 'welcome' && this.connection === 'greeting') this.welcomed(message)
    else if (message.type === 'identify') this.greetAgain()
    else if (this.connection !== 'open') return
    else if (message.type === 'start') this.startAttempts(message)
    else if (message.type === 'stop') this.stopAttempts(message.attempts)
    else if (message.type === 'settled') for (const attemptId of message.attemptIds) this.forget(attemptId)
    else if (message.type === 'logs-settled') this.ports.logs.settled(message.id)
  }

  private welcomed(message: EnvironmentMessage & { type: 'welcome' }): void {
    this.connection = 'open'
    const { deployment, account } = message
    this.server = { deployment, account }
    for (const [attemptId, { attempt }] of this.held) {
      if (attempt.deployment === deployment) continue
      this.held.delete(attemptId)
      this.ports.runtime.disown(attemptId)
    }
    this.renew(this.greetedAt, message.leaseMs)
    for (const attemptId of message.forget) this.forget(attemptId)
    this.stopAttempts(message.stop)
    for (const held of [...this.held.values()]) {
      if (held.state === 'accepted') this.launch(held.attempt)
      else if (held.state !== 'ended') this.ports.runtime.resume(held.attempt.attemptId)
    }
    this.ports.logs.opened()
    if (this.reports.length > 0) this.flush()
  }

  private greetAgain(): void {
    this.ports.logs.closed()
    this.connected()
  }

  private startAttempts(message: EnvironmentMessage & { type: 'start' }): void {
    for (const { attemptId, spec: index, environment, cards } of message.attempts) {
      if (this.held.has(attemptId) || this.settled.has(attemptId)) continue
      const spec = message.specs[index]
      assert(spec, `start of ${attemptId} names no spec`)
      this.launch({ attemptId, spec, environment, ...(cards ? { cards } : {}), ...this.server })
    }
  }

  private launch(attempt: AcceptedAttempt): void {
    this.held.set(attempt.attemptId, { attempt, state: 'starting' })
    this.saveLease()
    this.watch()
    this.ports.runtime.start(attempt)
  }

  private stopAttempts(attempts: StopAttempt[]): void {
    for (const { attemptId } of attempts) {
      const held = this.held.get(attemptId)
      if (held && held.state !== 'ended') this.stop(held.attempt, 'stopped', graceMsOf(held.attempt))
    }
  }

  private stop(attempt: AcceptedAttempt, cause: StopCause, graceMs: number): void {
    this.ports.runtime.stop(attempt.attemptId, cause, graceMs)
  }

  /** Erases what the environment has settled; a settled attempt that still runs here must not. */
  private forget(attemptId: string): void {
    const held = this.held.get(attemptId)
    if (!held) return
    this.held.delete(attemptId)
    this.settled.add(attemptId)
    if (this.settled.size > rememberedAttempts) this.settled.delete(this.settled.values().next().value!)
    if (held.state === 'ended') this.ports.runtime.forget(attemptId)
    else this.ports.runtime.disown(attemptId)
  }

  private started(attemptId: string, startedAt: number): void {
    const held = this.held.get(attemptId)
    if (!held || held.state === 'ended') return
    this.held.set(attemptId, { ...held, state: 'running', startedAt })
    this.watch()
    this.report({ attemptId, kind: 'started', startedAt })
  }

  private ended(report: EndedReport): void {
    const held = this.held.get(report.attemptId)
    if (!held || held.state === 'ended') return
    this.held.set(report.attemptId, { attempt: held.attempt, state: 'ended', report })
    this.report(report)
  }

  /** Reports what `hello` has not already said. */
  private report(report: AttemptReport): void {
    if (this.connection === 'closed') return
    this.reports.push(report)
    if (this.reports.length === 1) this.ports.scheduler.later(reportDelayMs, () => this.flush())
  }

  private flush(): void {
    if (this.connection !== 'open') return
    while (this.reports.length > 0) {
      const reports = this.reports.splice(0, reportsPerMessage)
      this.ports.link.send({ type: 'reports', reports, ...this.newImages() })
    }
  }

  /** The host's images, where they are not what the environment was told last. */
  private newImages(): { images?: readonly string[] } {
    const images = this.ports.images?.current()
    if (!images || images === this.toldImages) return {}
    this.toldImages = images
    return { images }
  }

  private renew(renewedAt: number, leaseMs: number): void {
    this.lease = { renewedAt, leaseMs }
    if (this.held.size > 0) this.saveLease()
    this.watch()
  }

  private saveLease(): void {
    if (this.lease && this.savedLease !== this.lease) this.ports.journal.saveLease(this.lease)
    this.savedLease = this.lease
  }

  /** Sees to it that the agent wakes when the next attempt must be stopped. */
  private watch(): void {
    let earliest = Number.POSITIVE_INFINITY
    for (const held of this.held.values())
      for (const due of this.duesOf(held)) earliest = Math.min(earliest, due.at)
    if (earliest >= this.wakeAt) return
    this.wakeAt = earliest
    const delayMs = Math.min(longestSleepMs, Math.max(0, earliest - this.ports.clock.now()))
    this.ports.scheduler.later(delayMs, () => this.wake(earliest))
  }

  private wake(at: number): void {
    if (this.wakeAt !== at) return
    this.wakeAt = Number.POSITIVE_INFINITY
    const now = this.ports.clock.now()
    for (const held of [...this.held.values()]) {
      for (const due of this.duesOf(held)) {
        if (due.at > now) continue
        if (due.cause === 'timed-out') held.timedOut = true
        else held.fenced = true
        this.stop(held.attempt, due.cause, due.graceMs)
      }
    }
    this.watch()
  }

  /** The moments at which an attempt must be stopped: its time limit, the end of the host's lease. */
  private duesOf(held: Held): Due[] {
    if (held.state === 'ended') return []
    const dues: Due[] = []
    const { timeoutSeconds } = held.attempt.spec
    if (held.state === 'running' && timeoutSeconds !== undefined && !held.timedOut) {
      const at = held.startedAt + timeoutSeconds * 1000
      dues.push({ at, cause: 'timed-out', graceMs: graceMsOf(held.attempt) })
    }
    if (this.lease && !held.fenced) {
      dues.push({ ...fenceOf(this.lease, graceMsOf(held.attempt)), cause: 'host-failed' })
    }
    return dues
  }
}

/** The longest that any of its containers is given. */
function graceMsOf(attempt: AcceptedAttempt): number {
  return 1000 * Math.max(...attempt.spec.containers.map(({ stopTimeoutSeconds }) => stopTimeoutSeconds))
}

function asHeldAttempt(held: Held): HeldAttempt {
  const { attemptId } = held.attempt
  if (held.state === 'running') return { attemptId, state: 'running', startedAt: held.startedAt }
  if (held.state === 'ended') return { attemptId, state: 'ended', report: held.report }
  return { attemptId, state: 'starting' }
}
