import { limits } from '../../core/limits.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { TaskSpec } from '../../core/model/task-spec.ts'
import { mostHopeful } from '../../core/scheduling/pending-reason.ts'
import { nextTurn } from '../../runtime/clock.ts'
import type { FreedConsumable } from '../consumables/consumables-rpc.ts'
import type { PlaceReply } from '../environment/environment-rpc.ts'
import { adoptPlacement } from './adopt-placement.ts'
import { CandidateWalk } from './candidate-walk.ts'
import { type ClaimHooks, ConsumableClaims } from './consumable-claims.ts'
import { ConsumableWaiters } from './consumable-waiters.ts'
import type { EnvironmentSessions } from './environment-sessions.ts'
import { KeptRoom } from './kept-room.ts'
import { type Candidate, placeRequest } from './place-request.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import { type Refusal, Tick } from './tick.ts'
import { addReclaims } from './victims.ts'
import { waitText } from './wait-text.ts'

/** Attempts in a request to place, at least: where hosts are full, what is asked beyond their room is asked in vain. */
const fewestAsked = 8
/** The same behind a job that found no room, where each is of another shape. */
const fewestAskedBehind = 32

/** Arranges another tick although nobody wakes the queue; is told when one is over. */
export type TickTimer = Pick<ClaimHooks, 'retryAt' | 'remind'> & { ticked(): void }

/**
 * Takes ready jobs in order and asks the queue's environments to place them, a batch at a time. A tick costs what it
 * starts: for the first job for which there is no room the environment keeps some, a bounded number behind it is asked for too,
 * and the environment wakes the queue when there may be room again.
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
  /** What the last tick learned of room: it holds until there may be more. */
  private last = new Tick()
  private readonly keptRoom = new KeptRoom()
  private readonly walk: CandidateWalk
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
    const { parked, heldBack, waiters } = this
    this.walk = new CandidateWalk(state, { parked, heldBack, waiters })
  }

  /** Starts a tick, or has the one under way look again. */
  wake(): void {
    this.last = new Tick()
    this.again = true
    if (this.running || this.waking) return
    this.waking = true
    this.ports.scheduler.later(0, () => {
      this.waking = false
      return this.tick()
    })
  }

  /** Why a waiting job cannot be placed now, where there is a reason to tell. */
  waitReason(seq: number, job?: Job): string | undefined {
    const parked = this.parked.get(seq) ?? this.state.hostWait.reason(this.state.config.environments)
    return parked ?? waitText(this.state, this.last, job ?? this.state.jobs.loadJob(seq))
  }

  /** Whether a job is set aside until there is more of a consumable resource. */
  waitsForConsumables(seq: number): boolean {
    return this.waiters.has(seq)
  }

  /** Resolves once no request to place is under way. */
  async settled(): Promise<void> {
    await this.placing?.catch(() => undefined)
  }

  /** What no host could hold before may fit now. */
  unpark(): void {
    this.unparked++
    for (const seq of this.parked.keys()) if (!this.waiters.has(seq)) this.parked.delete(seq)
    this.state.order.restart()
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
      for (const seq of seqs) {
        this.heldBack.delete(seq)
        if (this.waiters.has(seq) && !this.state.loadJob(seq)?.ready) this.waiters.forget(seq)
      }
      this.wake()
    }
  }

  /** One tick now; resolves when it has placed what it could. */
  tick(): Promise<void> {
    this.last = new Tick()
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
        const idle = this.state.order.shareCount === 0 && this.waiters.toRevisit.length === 0
        if (idle && this.keptRoom.isNone) continue
        await this.sessions.open()
        await this.claims.settle()
        do this.placing = this.round()
        while ((await this.placing) && (await this.nextRound()))
        await this.giveUpRoom()
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

  /** What a full round has gathered and taken in is one turn's work: others have theirs before the next. */
  private async nextRound(): Promise<true> {
    if (this.asking === limits.placeBatch) await nextTurn(this.ports.scheduler)
    return true
  }

  /** Asks for one batch. True when all of it found a place (or can find none), so that there may be more. */
  private async round(): Promise<boolean> {
    const specs: TaskSpec[] = []
    const { last } = this
    const found = this.state.config.deleted ? [] : this.gather(specs)
    try {
      const candidates = await this.claims.claim(found)
      if (candidates.length === 0) return found.length > 0
      return await this.place(last, specs, candidates)
    } catch (error) {
      // Whether the environment placed anything is unknown: the next session tells.
      this.sessions.dropAll()
      throw error
    } finally {
      this.claims.roundOver()
    }
  }

  private async place(last: Tick, specs: TaskSpec[], candidates: Candidate[]): Promise<boolean> {
    const { environments } = this.state.config
    const { unparked } = this
    const infeasible = new Map<string, string[]>()
    const answers = new Map<string, Refusal>()
    let waiting = candidates
    let over = 0
    for (const { number, name } of environments) {
      if (waiting.length === 0) break
      const request = placeRequest(this.state, name, this.sessions.of(number), specs, waiting)
      if (this.isStrict) request.strict = true
      if (last.asked.has(number)) request.continues = true
      addReclaims(this.state, number, request, waiting, this.ports.clock.now())
      const [reply, reported] = await this.sessions.watchReports(
        this.ports.environment(number).place(request),
      )
      if (!reply.ok) {
        this.sessions.drop(number)
        this.again = true
        return false
      }
      this.noteAnswer(last, number, reply)
      waiting = this.accept(number, waiting, reply, infeasible, reported)
      over += reply.over.length
      for (const { attemptId, ...answer } of reply.blocked)
        answers.set(attemptId, { ...answers.get(attemptId), ...answer })
    }
    for (const { job, attemptId } of candidates) {
      const reasons = infeasible.get(attemptId)
      if (reasons?.length !== environments.length || unparked !== this.unparked) continue
      this.parked.set(job.seq, mostHopeful(reasons))
      if (!job.array) this.state.order.setAside(job)
    }
    const blocked = waiting.filter(({ job }) => !this.parked.has(job.seq))
    for (const candidate of blocked) last.refuse(candidate, answers.get(candidate.attemptId) ?? { short: [] })
    const settled = candidates.length - blocked.length
    this.asking = Math.min(Math.max(fewestAsked, 2 * settled), limits.placeBatch)
    // Of what is over a report is on its way, and wakes the queue.
    return over === 0
  }

  private noteAnswer(tick: Tick, environment: number, reply: PlaceReply & { ok: true }): void {
    const { hostWait, allocations } = this.state
    hostWait.note(environment, reply.standing)
    allocations.noteCapacity(environment, reply.capacity)
    this.keptRoom.note(environment, reply.blocked, tick.asked.has(environment))
    for (const attemptId of reply.preempted ?? []) allocations.noteMakingRoom(attemptId)
    tick.asked.add(environment)
    if (reply.placed.length > 0) allocations.notePlaced(reply.placed.length, this.ports.clock.now())
  }

  private gather(specs: TaskSpec[]): Candidate[] {
    const { last } = this
    if (last.blocked && this.isStrict) return []
    const most = last.blocked ? Math.max(this.asking, fewestAskedBehind) : this.asking
    return this.walk.gather(last, specs, most, this.ports.clock.now())
  }

  private get isStrict(): boolean {
    return this.state.config.schedulingSettings?.blockedHead === 'STRICT'
  }

  /** Environments that keep room for what waits no more, or is placed elsewhere, are told so. */
  private async giveUpRoom(): Promise<void> {
    for (const [number, members] of this.keptRoom.giveUp(this.last.asked)) {
      const name = this.state.environmentName(number)
      const request = placeRequest(this.state, name, this.sessions.of(number), [], [])
      const reply = await this.ports.environment(number).place({ ...request, ...members })
      if (!reply.ok) this.sessions.drop(number)
      this.keptRoom.gaveUp(number)
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
    return asked.filter(({ attemptId, job }) => {
      const placement = placed.get(attemptId)
      if (!placement) return !over.has(attemptId)
      this.keptRoom.placed(attemptId, environment)
      for (const { attemptId: id, instanceId, runtime } of [placement, ...(placement.nodes ?? [])])
        if (!reported.has(id)) {
          adoptPlacement(this.state, environment, { attemptId: id, instanceId, runtime })
          this.state.allocations.hold(id, environment, this.ports.clock.now())
        }
      if (!job.array) this.state.order.drop(job)
      return false
    })
  }
}
