import { holderFate } from '../../core/lifecycle/holder-fate.ts'
import { limits } from '../../core/limits.ts'
import type { ConsumableNeed } from '../../core/model/consumable.ts'
import { type AttemptKey, parseAttemptId } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { Shortage } from '../../core/scheduling/grant-consumables.ts'
import type { ConsumableWaiters } from './consumable-waiters.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import { compareOrder } from './ready-store.ts'

/** An attempt that may be placed if it gets what it needs. */
export type Claimant = { job: Job; attemptId: string; key: AttemptKey }

export type ClaimHooks = {
  /** Whether memory knows of every attempt whether it is placed. */
  placementsKnown(): boolean
  /** Another tick, should this object die: at once of use to whatever is held in vain. */
  remind(): void
  retryAt(at: number): void
  wake(): void
}

/**
 * What attempts of this queue hold of consumable resources. They get it before they are asked to be placed, and give it
 * back when they were not placed or are over. Only memory knows what is held; a session tells it after a start anew,
 * and what is found over by then is given back. Requests are made one at a time, so that none overtakes another.
 */
export class ConsumableClaims {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly waiters: ConsumableWaiters
  private readonly hooks: ClaimHooks
  private session: string | undefined
  private readonly held = new Map<string, AttemptKey>()
  /** Being asked for or placed: not to be given back yet. */
  private readonly placing = new Set<string>()
  /** Held attempts that may be over. */
  private readonly doubtful = new Set<string>()
  private lane: Promise<unknown> = Promise.resolve()
  private failures = 0
  private retryFrom = 0

  constructor(ports: QueuePorts, state: QueueState, waiters: ConsumableWaiters, hooks: ClaimHooks) {
    this.ports = ports
    this.state = state
    this.waiters = waiters
    this.hooks = hooks
  }

  /** Opens a session where one is needed; a failure is tried again later and holds up nobody else. */
  async ready(): Promise<void> {
    if (!this.state.consumers.any || this.session !== undefined) return
    if (this.ports.clock.now() < this.retryFrom) return this.hooks.retryAt(this.retryFrom)
    await this.serially(() => this.open())
  }

  /** Those that need nothing or got all they need, in the same order. The others are set aside. */
  async claim<Of extends Claimant>(candidates: Of[]): Promise<Of[]> {
    const needs = new Map(candidates.map(({ job }) => [job.seq, this.state.consumableNeeds(job)]))
    if ([...needs.values()].every((list) => list.length === 0)) return candidates
    return this.serially(() => this.ask(candidates, needs))
  }

  /** Those of the last `claim` are placed or not: what the others hold goes back. */
  roundOver(): void {
    if (this.placing.size === 0) return
    for (const attemptId of this.placing) this.doubtful.add(attemptId)
    this.placing.clear()
    this.look()
  }

  /** Part of the transaction that records what became of an attempt: should the object die, the alarm sees to it. */
  remindOf(attemptId: string): void {
    if (this.held.has(attemptId) || (this.state.consumers.any && this.session === undefined))
      this.hooks.remind()
  }

  /** The alarm has rung while something is being asked for or given back: it is to ring again. */
  remindAgain(): void {
    if (this.placing.size + this.doubtful.size > 0) this.hooks.remind()
  }

  /** Something has become of an attempt. */
  noteReport(attemptId: string): void {
    if (!this.held.has(attemptId)) return
    this.doubtful.add(attemptId)
    this.look()
  }

  /** Gives back what is held in vain. */
  async settle(): Promise<void> {
    if (this.doubtful.size > 0) await this.serially(() => this.giveBack())
  }

  private look(): void {
    this.ports.scheduler.later(0, () => this.settle())
  }

  private async open(): Promise<void> {
    if (this.session !== undefined) return
    await this.attempt(async () => {
      const { session, holders } = await this.ports.consumables.openSession(this.ports.number)
      this.held.clear()
      this.doubtful.clear()
      for (const holder of holders) {
        const key = parseAttemptId(holder, this.state.deployment.salt)
        if (!key) continue
        this.held.set(holder, key)
        this.doubtful.add(holder)
      }
      this.session = session
      this.failures = 0
      this.waiters.answered()
      await this.giveBack()
    })
  }

  private async ask<Of extends Claimant>(
    candidates: Of[],
    needs: ReadonlyMap<number, ConsumableNeed[]>,
  ): Promise<Of[]> {
    const asking = candidates.filter(({ job, attemptId }) => {
      const list = needs.get(job.seq)!
      return list.length > 0 && (this.held.has(attemptId) || !this.waiters.parkKnown(job, list))
    })
    for (const { attemptId } of asking) this.placing.add(attemptId)
    const granted = await this.acquire(asking, needs)
    for (const { attemptId } of asking) if (!granted.has(attemptId)) this.placing.delete(attemptId)
    return candidates.filter(
      ({ job, attemptId, key }) =>
        needs.get(job.seq)!.length === 0 ||
        // It may have ended while it was asked for.
        (granted.has(attemptId) && holderFate(this.state.progressOf(key), key.attempt) === 'undecided'),
    )
  }

  /** The attempts that hold all they need. */
  private async acquire(
    asking: Claimant[],
    needs: ReadonlyMap<number, ConsumableNeed[]>,
  ): Promise<Set<string>> {
    const granted = new Set<string>()
    if (asking.length === 0) return granted
    this.hooks.remind()
    const news = this.waiters.news
    const { session } = this
    let refused: Shortage[] | undefined
    if (session !== undefined)
      await this.attempt(async () => {
        // By the order in which they wait in line; of shares those come first whose turn it is.
        const order = this.state.allocations.fair
          ? asking
          : asking.toSorted((a, b) => compareOrder(a.job, b.job))
        const asks = order.map(({ job, attemptId }) => ({ holder: attemptId, needs: needs.get(job.seq)! }))
        const reply = await this.ports.consumables.acquire({ queue: this.ports.number, session, asks })
        if (reply.ok) refused = reply.refused
        else this.session = undefined
      })
    if (!refused) {
      for (const { job } of asking) this.waiters.parkUnanswered(job.seq)
      this.hooks.wake()
      return granted
    }
    const shortages = new Map(refused.map((shortage) => [shortage.holder, shortage]))
    for (const { job, attemptId, key } of asking) {
      const shortage = shortages.get(attemptId)
      if (shortage) this.waiters.park(job, shortage, news)
      else {
        this.held.set(attemptId, key)
        granted.add(attemptId)
      }
    }
    return granted
  }

  private async giveBack(): Promise<void> {
    const { session } = this
    if (session === undefined) return
    for (;;) {
      const over = this.foundOver().slice(0, limits.releaseBatch)
      if (over.length === 0) return
      const released = await this.attempt(async () => {
        const request = { queue: this.ports.number, session, holders: over }
        if (await this.ports.consumables.release(request)) return true
        this.session = undefined
        this.hooks.wake()
        return false
      })
      if (!released) return
      for (const { holder } of over) {
        this.held.delete(holder)
        this.doubtful.delete(holder)
      }
    }
  }

  private foundOver(): { holder: string; used: boolean }[] {
    const over: { holder: string; used: boolean }[] = []
    for (const holder of this.doubtful) {
      if (this.placing.has(holder)) continue
      const key = this.held.get(holder)
      const fate = key ? holderFate(this.state.progressOf(key), key.attempt) : 'kept'
      if (fate === 'kept') this.doubtful.delete(holder)
      else if (fate !== 'undecided' || this.hooks.placementsKnown())
        over.push({ holder, used: fate === 'used' })
    }
    return over
  }

  /** After a failure nobody knows what is held: the next session tells. */
  private async attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      this.session = undefined
      this.failures++
      const waitMs = Math.min(60_000, 500 * 2 ** Math.min(this.failures, 7))
      this.retryFrom = this.ports.clock.now() + waitMs
      console.error(
        `queue ${this.ports.number}: consumable resources do not answer, next try in ${waitMs} ms:`,
        error,
      )
      this.hooks.retryAt(this.retryFrom)
      return undefined
    }
  }

  private serially<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.lane.then(work)
    this.lane = result.catch(() => undefined)
    return result
  }
}
