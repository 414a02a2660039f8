import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { limits } from '../../core/limits.ts'
import { formatAttemptId } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import { type TaskSpec, taskSpec } from '../../core/model/task-spec.ts'
import { unmetNeed } from '../../core/model/unmet-needs.ts'
import { mostHopeful } from '../../core/scheduling/pending-reason.ts'
import type { FreedConsumable } from '../consumables/consumables-rpc.ts'
import type { PlaceReply } from '../environment/environment-rpc.ts'
import { adoptPlacement } from './adopt-placement.ts'
import { type ClaimHooks, ConsumableClaims } from './consumable-claims.ts'
import { ConsumableWaiters } from './consumable-waiters.ts'
import type { EnvironmentSessions } from './environment-sessions.ts'
import { gangAsk } from './gang-requests.ts'
import { type Candidate, placeRequest } from './place-request.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import { compareOrder } from './ready-scan.ts'

/** Attempts in a request to place, at least: where hosts are full, what is asked beyond their room is asked in vain. */
const fewestAsked = 8

/** Arranges another tick although nobody wakes the queue; is told when one is over. */
export type TickTimer = Pick<ClaimHooks, 'retryAt' | 'remind'> & { ticked(): void }

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
  /** Jobs no host could hold, or that lack a consumable resource, with the reason; tried again when that changes. */
  readonly parked = new Map<number, string>()
  /** How often `unpark` was called: an answer from before says nothing of what no host could hold. */
  private unparked = 0
  private readonly waiters = new ConsumableWaiters(this.parked)
  readonly claims: ConsumableClaims
  /** The job for which there was no room: it and what stands behind it wait until there may be. */
  private blockedAt: Job | undefined
  private readonly timer: TickTimer

  constructor(ports: QueuePorts, state: QueueState, sessions: EnvironmentSessions, timer: TickTimer) {
    this.ports = ports
    this.state = state
    this.sessions = sessions
    this.timer = timer
    this.claims = new ConsumableClaims(ports, state, this.waiters, {
      ...timer,
      placementsKnown: () => sessions.allOpen,
      wake: () => this.wake(),
    })
  }

  /** Starts a tick, or has the one under way look again. */
  wake(): void {
    this.blockedAt = undefined
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
    for (const seq of this.parked.keys()) if (!this.waiters.has(seq)) this.parked.delete(seq)
    this.state.scan.restart()
  }

  /**
   * Runs `work` while it is known of the jobs `seqs` whether they are placed: no request to place any of them is under way,
   * and none is made before `work` has begun.
   */
  async whileSettled(seqs: number[], work: () => void | Promise<void>): Promise<void> {
    for (const seq of seqs) this.heldBack.add(seq)
    try {
      await this.settled()
      await work()
    } finally {
      for (const seq of seqs) this.heldBack.delete(seq)
      this.wake()
    }
  }

  /** One tick now; resolves when it has placed what it could. */
  tick(): Promise<void> {
    this.blockedAt = undefined
    return this.run()
  }

  /**
   * There is more of consumable resources: a tick for those that waited for it. Where there is no room they stay put:
   * to ask for a resource only to give it back would wake others, and they us.
   */
  consumablesFreed(resources: FreedConsumable[]): Promise<void> {
    this.waiters.freed(resources)
    return this.run()
  }

  private async run(): Promise<void> {
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
        await this.claims.ready()
        if (this.state.scan.next(1).length === 0 && this.waiters.toRevisit.length === 0) continue
        await this.sessions.open()
        await this.claims.settle()
        do this.placing = this.round()
        while (await this.placing)
        this.again ||= this.waiters.advance()
      }
      this.failures = 0
      this.timer.ticked()
    } catch (error) {
      this.again = false
      this.failures++
      const waitMs = Math.min(60_000, 500 * 2 ** Math.min(this.failures, 7))
      console.error(`queue ${this.state.config.number}: placing failed, next try in ${waitMs} ms:`, error)
      this.timer.retryAt(this.ports.clock.now() + waitMs)
    }
  }

  /** Asks for one batch. True when all of it found a place (or can find none), so that there may be more. */
  private async round(): Promise<boolean> {
    const specs: TaskSpec[] = []
    const found = this.state.config.deleted ? [] : this.candidates(specs)
    try {
      const candidates = await this.claims.claim(found)
      if (candidates.length === 0) return found.length > 0
      return await this.place(specs, candidates)
    } catch (error) {
      // Whether the environment placed anything is unknown: the next session tells.
      this.sessions.dropAll()
      throw error
    } finally {
      this.claims.roundOver()
    }
  }

  private async place(specs: TaskSpec[], candidates: Candidate[]): Promise<boolean> {
    const { environments } = this.state.config
    const { unparked } = this
    const infeasible = new Map<string, string[]>()
    let waiting = candidates
    let over = 0
    for (const { number, name } of environments) {
      if (waiting.length === 0) break
      const request = placeRequest(this.state, name, this.sessions.of(number), specs, waiting)
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
      if (reply.placed.length > 0) this.state.placedAt = this.ports.clock.now()
    }
    for (const candidate of candidates) {
      const reasons = infeasible.get(candidate.attemptId)
      if (reasons?.length === environments.length && unparked === this.unparked)
        this.parked.set(candidate.job.seq, mostHopeful(reasons))
    }
    const blocked = waiting.filter(({ job }) => !this.parked.has(job.seq))
    this.blockedAt = blocked[0]?.job
    const settled = candidates.length - blocked.length
    this.asking = Math.min(Math.max(fewestAsked, 2 * settled), limits.placeBatch)
    // Of what is over a report is on its way, and wakes the queue.
    return blocked.length === 0 && over === 0
  }

  private candidates(specs: TaskSpec[]): Candidate[] {
    const found = this.revisited(specs)
    let walking = true
    let page = this.state.scan.next(this.asking)
    while (page.length > 0 && found.length < this.asking) {
      for (const job of page) {
        if (this.isBehindBlocked(job)) return found
        const before = found.length
        if (!this.waiters.isRevisited(job.seq)) this.addCandidates(job, specs, found)
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

  /** Of jobs that waited for a consumable resource: the walk has left them behind. */
  private revisited(specs: TaskSpec[]): Candidate[] {
    const found: Candidate[] = []
    for (const seq of this.waiters.toRevisit) {
      if (found.length >= this.asking) break
      const job = this.state.loadJob(seq)
      if (job && (this.heldBack.has(seq) || this.isBehindBlocked(job))) continue
      const before = found.length
      if (job?.ready) this.addCandidates(job, specs, found)
      if (found.length === before) this.waiters.revisited(seq)
    }
    return found.sort((a, b) => compareOrder(a.job, b.job))
  }

  private isBehindBlocked(job: Job): boolean {
    return this.blockedAt !== undefined && compareOrder(job, this.blockedAt) >= 0
  }

  private addCandidates(job: Job, specs: TaskSpec[], found: Candidate[]): void {
    if (this.parked.has(job.seq) || this.heldBack.has(job.seq)) return
    const { config, deployment } = this.state
    const need = unmetNeed(this.state.jobs.definition(job.definition).body)
    if (need !== undefined) {
      this.parked.set(job.seq, need)
      return
    }
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
        if (!reported.has(id)) adoptPlacement(this.state, environment, { attemptId: id, instanceId, runtime })
      return false
    })
  }
}
