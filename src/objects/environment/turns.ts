import type { Scheduler } from '../../runtime/clock.ts'
import type { AttachedQueue } from './environment-rpc.ts'

/**
 * Which queues wait for room here, and whose turn it is when there is more. Queues are woken by descending priority, one at
 * a time, each only after the one before it has taken what it could; a lower queue gets nothing while a higher one waits
 * that has not had its turn since.
 */
export class Turns {
  private readonly scheduler: Scheduler
  /** Higher whenever there may be more room than before. */
  private readonly growth: () => number
  private readonly wakeQueue: (queue: number, hostsChanged: boolean) => Promise<void>
  private queues: AttachedQueue[] = []
  /** With what `growth` was when the queue last asked in vain; -1 where it has yet to ask. */
  private readonly waiting = new Map<number, number>()
  /** Queues that were last answered that something found no place, or can find none. */
  private readonly unmet = new Set<number>()
  /** Being given its turn: until it is over the queue counts as waiting. */
  private turn: number | undefined
  private serving = false
  private again = false
  private readonly tellHosts = new Set<number>()

  constructor(
    scheduler: Scheduler,
    growth: () => number,
    wakeQueue: (queue: number, hostsChanged: boolean) => Promise<void>,
  ) {
    this.scheduler = scheduler
    this.growth = growth
    this.wakeQueue = wakeQueue
  }

  /** Attached queues; one that is new may have been waiting for this. */
  attach(queues: AttachedQueue[]): void {
    this.queues = [...queues].sort((a, b) => b.priority - a.priority || a.number - b.number)
    const numbers = new Set(queues.map(({ number }) => number))
    for (const number of this.waiting.keys()) if (!numbers.has(number)) this.waiting.delete(number)
    for (const number of this.unmet) if (!numbers.has(number)) this.unmet.delete(number)
  }

  attached(): readonly AttachedQueue[] {
    return this.queues
  }

  /** The queue of higher priority whose turn `queue` must wait for, if there is one. */
  yieldsTo(queue: number): number | undefined {
    const priority = this.priorityOf(queue)
    const ahead = (other: number) => other !== queue && this.priorityOf(other) > priority
    if (this.turn !== undefined && ahead(this.turn)) return this.turn
    const growth = this.growth()
    return this.queues.find(({ number }) => ahead(number) && (this.waiting.get(number) ?? growth) < growth)
      ?.number
  }

  /** The queue has asked for more than there was room for. */
  blocked(queue: number): void {
    this.waiting.set(queue, this.growth())
    this.unmet.add(queue)
  }

  /** The queue has asked for what no host here could hold. */
  infeasible(queue: number): void {
    this.unmet.add(queue)
  }

  /** The queue asks: what it is still waiting for it will say again. */
  asks(queue: number): void {
    this.waiting.delete(queue)
    this.unmet.delete(queue)
  }

  /** The queue has just been told of its own attempts' ends, and looks for itself. Others are served in order. */
  roomAfterReport(queue: number): void {
    if (this.waiting.size === 0) return
    if (this.waiting.size === 1 && this.waiting.has(queue)) this.waiting.delete(queue)
    else this.serve()
  }

  /** Hosts have come: every queue may have something that fits now. */
  hostsChanged(): void {
    this.tell(this.queues.map(({ number }) => number))
  }

  /** The last host has gone: the jobs of queues that wait for one wait for another reason now. */
  hostsGone(): void {
    if (this.unmet.size > 0) this.tell([...this.unmet])
  }

  private tell(queues: number[]): void {
    for (const number of queues) {
      this.waiting.set(number, -1)
      this.tellHosts.add(number)
    }
    this.serve()
  }

  /** Gives every queue that waits its turn. */
  serve(): void {
    this.again = true
    if (this.serving) return
    this.serving = true
    this.scheduler.later(0, () => this.turns())
  }

  private async turns(): Promise<void> {
    try {
      while (this.again) {
        this.again = false
        for (const { number } of this.queues) {
          if (!this.waiting.delete(number)) continue
          if (!(await this.giveTurn(number))) break
        }
      }
    } finally {
      this.serving = false
    }
  }

  /** False when the queue could not be woken: those below it wait until it can. */
  private async giveTurn(queue: number): Promise<boolean> {
    this.turn = queue
    const hostsChanged = this.tellHosts.delete(queue)
    try {
      await this.wakeQueue(queue, hostsChanged)
      return true
    } catch (error) {
      // It keeps its claim, and is given another turn shortly.
      console.error(`queue ${queue} could not be woken:`, error)
      this.waiting.set(queue, -1)
      if (hostsChanged) this.tellHosts.add(queue)
      this.scheduler.later(1_000, () => this.serve())
      return false
    } finally {
      this.turn = undefined
    }
  }

  /** Below that of all others for a queue that is not attached. */
  priorityOf(queue: number): number {
    return this.queues.find(({ number }) => number === queue)?.priority ?? Number.NEGATIVE_INFINITY
  }
}
