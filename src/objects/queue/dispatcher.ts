import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import { attemptEnvironment } from '../../core/model/attempt-environment.ts'
import { type AttemptKey, formatAttemptId, formatJobId, parseAttemptId } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { Where } from '../../core/model/progress.ts'
import { type TaskSpec, taskSpec } from '../../core/model/task-spec.ts'
import type { NodeAsk, PlacedAttempt, PlaceReply, PlaceRequest } from '../environment/environment-rpc.ts'
import type { EnvironmentSessions } from './environment-sessions.ts'
import { gangAsk } from './gang-requests.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'

/** Attempts in a request to place, at least: where hosts are full, what is asked beyond their room is asked in vain. */
const fewestAsked = 8

/** One attempt that may be placed now, or the main node's of a gang. */
type Candidate = { job: Job; attemptId: string; key: AttemptKey; spec: number; nodes?: NodeAsk[] }

/**
 * Takes ready jobs in order and asks the queue's environments to place them, a batch at a time. A tick costs what it
 * starts: it stops at the first job for which there is no room, and the environment wakes it when there may be.
 */
export class Dispatcher {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly sessions: EnvironmentSessions
  private running: Promise<void> | undefined
  /** A tick is about to start. */
  private waking = false
  private placing: Promise<boolean> | undefined
  private again = false
  private failures = 0
  /** How many attempts the next request asks to place: twice as many as the last one settled. */
  private asking = fewestAsked
  /** Jobs that are about to be stopped. */
  private readonly heldBack = new Set<number>()
  /** Jobs no host could hold, with the reason; tried again when the hosts change. */
  readonly parked = new Map<number, string>()
  /** How often `unpark` was called: an answer from before says nothing of what no host could hold. */
  private unparked = 0
  /** Arranges another tick although nobody wakes the queue. */
  private readonly retryAt: (at: number) => void

  constructor(
    ports: QueuePorts,
    state: QueueState,
    sessions: EnvironmentSessions,
    retryAt: (at: number) => void,
  ) {
    this.ports = ports
    this.state = state
    this.sessions = sessions
    this.retryAt = retryAt
  }

  /** Starts a tick, or has the one under way look again. */
  wake(): void {
    this.again = true
    if (this.running || this.waking) return
    this.waking = true
    this.ports.scheduler.later(0, () => {
      this.waking = false
      return this.tick()
    })
  }

  /** Why a waiting job cannot be placed now, where there is a reason to tell. */
  waitReason(seq: number): string | undefined {
    return this.parked.get(seq) ?? this.state.hostWait.reason(this.state.config.environments)
  }

  /** Resolves once no request to place is under way. */
  async settled(): Promise<void> {
    await this.placing?.catch(() => undefined)
  }

  /** What no host could hold before may fit now. */
  unpark(): void {
    this.unparked++
    this.parked.clear()
    this.state.scan.restart()
  }

  /**
   * Runs `work` while it is known of job `seq` whether it is placed: no request to place any of it is under way, and
   * none is made before `work` has begun.
   */
  async whileSettled(seq: number, work: () => void): Promise<void> {
    this.heldBack.add(seq)
    try {
      await this.settled()
      work()
    } finally {
      this.heldBack.delete(seq)
      this.wake()
    }
  }

  /** One tick now; resolves when it has placed what it could. */
  async tick(): Promise<void> {
    this.again = true
    while (this.again) {
      if (!this.running)
        this.running = this.rounds().finally(() => {
          this.running = undefined
        })
      await this.running
    }
  }

  private async rounds(): Promise<void> {
    try {
      while (this.again) {
        this.again = false
        if (this.state.scan.next(1).length === 0) continue
        await this.sessions.open()
        do this.placing = this.round()
        while (await this.placing)
      }
      this.failures = 0
    } catch (error) {
      // Whether the environment placed anything is unknown: the next session tells.
      this.sessions.dropAll()
      this.again = false
      this.failures++
      const waitMs = Math.min(60_000, 500 * 2 ** Math.min(this.failures, 7))
      console.error(`queue ${this.state.config.number}: placing failed, next try in ${waitMs} ms:`, error)
      this.retryAt(this.ports.clock.now() + waitMs)
    }
  }

  /** Asks for one batch. True when all of it found a place (or can find none), so that there may be more. */
  private async round(): Promise<boolean> {
    const specs: TaskSpec[] = []
    const candidates = this.state.config.deleted ? [] : this.candidates(specs)
    if (candidates.length === 0) return false
    const { environments } = this.state.config
    const { unparked } = this
    const infeasible = new Map<string, string[]>()
    let waiting = candidates
    let over = 0
    for (const { number, name } of environments) {
      if (waiting.length === 0) break
      const request = this.request(number, name, specs, waiting)
      const [reply, reported] = await this.sessions.watchReports(
        this.ports.environment(number).place(request),
      )
      if (!reply.ok) {
        this.sessions.drop(number)
        this.again = true
        return false
      }
      this.state.hostWait.note(number, reply.standing)
      waiting = this.accept(number, waiting, reply, infeasible, reported)
      over += reply.over.length
    }
    for (const candidate of candidates) {
      const reasons = infeasible.get(candidate.attemptId)
      if (reasons?.length === environments.length && unparked === this.unparked)
        this.parked.set(candidate.job.seq, reasons[0]!)
    }
    const blocked = waiting.filter(({ job }) => !this.parked.has(job.seq)).length
    const settled = candidates.length - blocked
    this.asking = Math.min(Math.max(fewestAsked, 2 * settled), limits.placeBatch)
    // Of what is over a report is on its way, and wakes the queue.
    return blocked === 0 && over === 0
  }

  private candidates(specs: TaskSpec[]): Candidate[] {
    const found: Candidate[] = []
    let walking = true
    let page = this.state.scan.next(this.asking)
    while (page.length > 0 && found.length < this.asking) {
      for (const job of page) {
        const before = found.length
        this.addCandidates(job, specs, found)
        // The walk may forget a job only while everything before it is placed for good or set aside.
        walking &&= found.length === before && !job.array && !this.heldBack.has(job.seq)
        if (walking) this.state.scan.pass(job)
        if (found.length >= this.asking) break
      }
      if (page.length < this.asking) break
      page = this.state.scan.next(this.asking, page.at(-1))
    }
    return found
  }

  private addCandidates(job: Job, specs: TaskSpec[], found: Candidate[]): void {
    if (this.parked.has(job.seq) || this.heldBack.has(job.seq)) return
    const { config, deployment } = this.state
    let spec: number | undefined
    const add = (part: { index?: number; node?: number }, attempt: number) => {
      const key = { queue: config.number, seq: job.seq, ...part, attempt }
      const attemptId = formatAttemptId(key, deployment.salt)
      if (this.state.isStarting(attemptId)) return
      if (job.nodes) {
        const gang = gangAsk(this.state, job)
        found.push({ job, attemptId, key, spec: specs.push(gang.spec) - 1, nodes: gang.nodes })
        return
      }
      spec ??= specs.push(taskSpec(this.state.jobs.definition(job.definition), job.request)) - 1
      found.push({ job, attemptId, key, spec })
    }
    if (!job.array) return add(job.nodes ? { node: job.nodes.main } : {}, attemptNumber(job.progress))
    for (const index of this.state.mirror(job).children.startable()) {
      if (found.length >= this.asking) return
      add({ index }, attemptNumber(this.state.childProgress(job, index)))
    }
  }

  private request(
    environment: number,
    environmentName: string,
    specs: TaskSpec[],
    candidates: Candidate[],
  ): PlaceRequest {
    const { config, deployment } = this.state
    return {
      queue: config.number,
      session: this.sessions.of(environment),
      specs,
      asks: candidates.map(({ job, attemptId, key, spec, nodes }) => ({
        attemptId,
        spec,
        environment: attemptEnvironment({
          jobId: formatJobId({ ...key, shard: 0 }, deployment.salt),
          attempt: key.attempt,
          queueName: config.name,
          environmentName,
          ...(job.array && key.index !== undefined
            ? { array: { index: key.index, size: job.array.size } }
            : {}),
          ...(job.nodes ? { nodes: { ...job.nodes, index: job.nodes.main } } : {}),
        }),
        ...(nodes ? { nodes } : {}),
      })),
    }
  }

  /** Takes in one environment's answer; returns what it did not place. */
  private accept(
    environment: number,
    asked: Candidate[],
    reply: PlaceReply & { ok: true },
    infeasible: Map<string, string[]>,
    reported: Set<string>,
  ): Candidate[] {
    const placed = new Map(reply.placed.map((placement) => [placement.attemptId, placement]))
    for (const { attemptId, reason } of reply.infeasible)
      infeasible.set(attemptId, [...(infeasible.get(attemptId) ?? []), reason])
    const over = new Set(reply.over)
    return asked.filter(({ attemptId }) => {
      const placement = placed.get(attemptId)
      if (!placement) return !over.has(attemptId)
      for (const { attemptId: id, instanceId, runtime } of [placement, ...(placement.nodes ?? [])])
        if (!reported.has(id)) this.adoptStarting(environment, { attemptId: id, instanceId, runtime })
      return false
    })
  }

  /** A report may have overtaken the reply: only a job still waiting for this attempt becomes STARTING. */
  private holdIfCurrent(attemptId: string, key: AttemptKey, where: Where): void {
    const job = this.state.loadJob(key.seq)
    if (!job || isTerminal(job.progress.state)) return
    if (key.node !== undefined && key.node !== job.nodes?.main) {
      if (attemptNumber(job.progress) === key.attempt) this.state.hold(attemptId, key, where)
      return
    }
    const progress = key.index === undefined ? job.progress : this.state.childProgress(job, key.index)
    if (progress.state !== 'RUNNABLE' || attemptNumber(progress) !== key.attempt) return
    this.state.hold(attemptId, key, where)
    if (key.index !== undefined) this.state.mirror(job).children.set(key.index, 'STARTING')
  }

  /** Takes over a placement that has not reported a start: just made, or found when a session opened. */
  adoptStarting(environment: number, held: PlacedAttempt): void {
    const key = parseAttemptId(held.attemptId, this.state.deployment.salt)
    if (key?.queue !== this.state.config.number) return
    const { instanceId, runtime } = held
    this.holdIfCurrent(held.attemptId, key, { environment, instanceId, runtime })
  }
}
