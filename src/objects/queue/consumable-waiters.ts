import type { ConsumableNeed } from '../../core/model/consumable.ts'
import { type Shortage, shortageReason } from '../../core/scheduling/grant-consumables.ts'
import { compareOrder, type OrderKey } from './ready-store.ts'

const unanswered =
  'CONSUMABLE_RESOURCE_UNAVAILABLE - The consumable resources do not answer; they are asked again soon'

type Waiting = { job: OrderKey; wanted: number }

/**
 * Jobs set aside because a consumable resource is short, by the first resource they lack. When there is more of it, as
 * many as may get it are looked at again, so that a release costs what it lets start and not what waits.
 */
export class ConsumableWaiters {
  /** Why a job waits; shared with those that wait for other reasons. */
  private readonly parked: Map<number, string>
  /** By resource, in the queue's order. */
  private readonly waiting = new Map<string, Waiting[]>()
  private readonly resources = new Map<number, string>()
  /** Resources last found short, with what was free; we are told when there is more. */
  private readonly short = new Map<string, number>()
  /** Jobs to be looked at before the queue's walk goes on, with the resource they waited for. */
  private readonly revisits = new Map<number, string>()
  /** Jobs that wait because nobody answered. */
  private readonly unanswered = new Set<number>()
  /** How often there was word of more. */
  news = 0

  constructor(parked: Map<number, string>) {
    this.parked = parked
  }

  has(seq: number): boolean {
    return this.resources.has(seq) || this.unanswered.has(seq)
  }

  get toRevisit(): number[] {
    return [...this.revisits.keys()]
  }

  isRevisited(seq: number): boolean {
    return this.revisits.has(seq)
  }

  /** Nothing of the job is left to start now. */
  revisited(seq: number): void {
    this.revisits.delete(seq)
  }

  /** Sets a job aside whose need is known to be short. Word of more that came since `news` was read counts for more. */
  park(job: OrderKey, { resource, wanted, free }: Omit<Shortage, 'holder'>, news: number): void {
    if (news !== this.news) return
    this.short.set(resource, free ?? -1)
    this.revisits.delete(job.seq)
    this.parked.set(job.seq, shortageReason({ resource, wanted, free }))
    if (this.resources.has(job.seq)) return
    this.resources.set(job.seq, resource)
    const waiting = this.waiting.get(resource) ?? []
    let place = waiting.length
    while (place > 0 && compareOrder(job, waiting[place - 1]!.job) < 0) place--
    waiting.splice(place, 0, { job, wanted })
    this.waiting.set(resource, waiting)
  }

  /** Sets a job aside without asking, where the last answer tells that it would be refused. */
  parkKnown(job: OrderKey, needs: ConsumableNeed[]): boolean {
    if (this.has(job.seq)) return true
    const need = needs.find(({ resource, quantity }) => quantity > (this.short.get(resource) ?? quantity))
    if (!need) return false
    const free = this.short.get(need.resource)!
    this.park(
      job,
      { resource: need.resource, wanted: need.quantity, free: free < 0 ? undefined : free },
      this.news,
    )
    return true
  }

  parkUnanswered(seq: number): void {
    this.revisits.delete(seq)
    this.unanswered.add(seq)
    this.parked.set(seq, unanswered)
  }

  /** The consumable resources answer again. */
  answered(): void {
    // Of a session's loss nothing that was said before can be relied on.
    this.short.clear()
    for (const seq of this.unanswered) {
      this.parked.delete(seq)
      this.revisits.set(seq, '')
    }
    this.unanswered.clear()
    this.advance()
  }

  /** There is more of some resources: those whose turn it may be are to be looked at again. */
  freed(resources: { name: string; free: number }[]): void {
    this.news++
    for (const { name, free } of resources) {
      this.short.delete(name)
      let room = free
      for (const waiting = this.waiting.get(name) ?? []; waiting.length > 0 && room > 0; ) {
        room -= waiting[0]!.wanted
        this.revisitNext(name, waiting)
      }
    }
    this.advance()
  }

  /** Has the next waiter looked at wherever we would not be told of more. True where there is one. */
  advance(): boolean {
    const visited = new Set(this.revisits.values())
    let advanced = false
    for (const [resource, waiting] of this.waiting) {
      if (this.short.has(resource) || visited.has(resource)) continue
      this.revisitNext(resource, waiting)
      advanced = true
    }
    return advanced
  }

  private revisitNext(resource: string, waiting: Waiting[]): void {
    const { job } = waiting.shift()!
    if (waiting.length === 0) this.waiting.delete(resource)
    this.resources.delete(job.seq)
    this.parked.delete(job.seq)
    this.revisits.set(job.seq, resource)
  }
}
