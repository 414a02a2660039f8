import type { Scheduler } from '../../runtime/clock.ts'
import type { AttachedQueue } from './environment-rpc.ts'

/**
 * Which queues wait for room here, and in whose favour. Queues are woken by descending priority, one at a time, each
 * only after the one before it has taken what it could; a lower queue gets nothing while a higher one waits.
 */
export class Demand {
  private readonly scheduler: Scheduler
  private readonly wakeQueue: (queue: number, hostsChanged: boolean) => Promise<void>
  private queues: AttachedQueue[] = []
  private readonly waiting = new Set<number>()
  /** Queues that were last answered that something found no place, or can find none. */
  private readonly unmet = new Set<number>()
  /** Being given its turn: until it is over the queue counts as waiting. */
  private turn: number | undefined
  private serving = false
  private again = false
  private readonly tellHosts = new Set<number>()

  constructor(scheduler: Scheduler, wakeQueue: (queue: number, hostsChanged: boolean) => Promise<void>) {
    this.scheduler = scheduler
    this.wakeQueue = wakeQueue
  }

  /** Attached queues; one that is new may have been waiting for this. */
  attach(queues: AttachedQueue[]): void {
    this.queues = [...queues].sort((a, b) => b.priority - a.priority || a.number - b.number)
    for (const set of [this.waiting, this.unmet])
      for (const number of set) if (!queues.some((queue) => queue.number === number)) set.delete(number)
  }

  /** Whether `queue` must wait for a queue of higher priority. */
  mustYield(queue: number): boolean {
    const priority = this.priorityOf(queue)
    const ahead = (other: number) => other !== queue && this.priorityOf(other) > priority
    return [...this.waiting].some(ahead) || (this.turn !== undefined && ahead(this.turn))
  }

  /** The queue has asked for more than there was room for. */
  blocked(queue: number): void {
    this.waiting.add(queue)
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
      this.waiting.add(number)
      this.tellHosts.add(number)
    }
    this.serve()
  }

  private serve(): void {
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
          await this.giveTurn(number)
          if (this.waiting.has(number)) break
        }
      }
    } finally {
      this.serving = false
    }
  }

  private async giveTurn(queue: number): Promise<void> {
    this.turn = queue
    const hostsChanged = this.tellHosts.delete(queue)
    try {
      await this.wakeQueue(queue, hostsChanged)
    } catch (error) {
      // It keeps its claim, and is given another turn shortly.
      console.error(`queue ${queue} could not be woken:`, error)
      this.waiting.add(queue)
      if (hostsChanged) this.tellHosts.add(queue)
      this.scheduler.later(1_000, () => this.serve())
    } finally {
      this.turn = undefined
    }
  }

  private priorityOf(queue: number): number {
    return this.queues.find(({ number }) => number === queue)?.priority ?? Number.NEGATIVE_INFINITY
  }
}
