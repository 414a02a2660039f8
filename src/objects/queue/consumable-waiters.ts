import type { ConsumableNeed } from '../../core/model/consumable.ts'
import { type Shortage, shortageReason } from '../../core/scheduling/grant-consumables.ts'
import { compareOrder, type OrderKey } from './ready-store.ts'

const unanswered =
  'CONSUMABLE_RESOURCE_UNAVAILABLE - The consumable resources do not answer; they are asked again soon'

/** `inLine`: those behind it are not to overtake it (`grantConsumables`). */
type Waiting = { job: OrderKey; wanted: number; inLine: boolean }

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
  /** Resources last found short, with what was free; we are told when there is as much as the least that was asked for. */
  private readonly short = new Map<string, { free: number; least: number }>()
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
  park(job: OrderKey, shortage: Omit<Shortage, 'holder'>, news: number): void {
    if (news !== this.news) return
    const { resource, wanted, free } = shortage
    const least = Math.min(wanted, this.short.get(resource)?.least ?? wanted)
    this.short.set(resource, { free: free ?? -1, least })
    this.setAside(job, shortage)
  }

  /** Sets a job aside without asking, where the last answer tells that it would be refused. */
  parkKnown(job: OrderKey, needs: ConsumableNeed[]): boolean {
    if (this.has(job.seq)) return true
    const need = needs.find((one) => this.isBehind(job, one.resource) || this.isKnownShort(one))
    if (!need) return false
    const { resource, quantity: wanted } = need
    const { free } = this.short.get(resource)!
    const shortage = { resource, wanted, free: free < 0 ? undefined : free }
    if (!this.isBehind(job, resource)) this.setAside(job, shortage)
    else this.setAside(job, { ...shortage, inLine: true, ...(free < wanted ? {} : { behind: true }) })
    return true
  }

  /** The job waits no more: it has been stopped. */
  forget(seq: number): void {
    const resource = this.resources.get(seq)
    const waiting = resource === undefined ? undefined : this.waiting.get(resource)
    if (resource === undefined || !waiting) return
    const place = waiting.findIndex(({ job }) => job.seq === seq)
    waiting.splice(place, 1)
    if (waiting.length === 0) this.waiting.delete(resource)
    this.resources.delete(seq)
    this.parked.delete(seq)
    // There may be enough for the next one.
    if (place === 0) this.short.delete(resource)
    this.advance()
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
      const waiting = this.waiting.get(name) ?? []
      let room = free
      // One that wants more, and holds up nobody, is passed over: `advance` comes back to it.
      for (let at = 0; at < waiting.length && room > 0; ) {
        const { wanted, inLine } = waiting[at]!
        if (wanted > room && !inLine) at++
        else {
          room -= wanted
          this.revisit(name, waiting, at)
        }
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
      this.revisit(resource, waiting, 0)
      advanced = true
    }
    return advanced
  }

  private setAside(job: OrderKey, shortage: Omit<Shortage, 'holder'>): void {
    const { resource, wanted, inLine = false } = shortage
    this.revisits.delete(job.seq)
    this.parked.set(job.seq, shortageReason(shortage))
    if (this.resources.has(job.seq)) return
    this.resources.set(job.seq, resource)
    const waiting = this.waiting.get(resource) ?? []
    let place = waiting.length
    while (place > 0 && compareOrder(job, waiting[place - 1]!.job) < 0) place--
    waiting.splice(place, 0, { job, wanted, inLine })
    this.waiting.set(resource, waiting)
  }

  /** Whether somebody before it waits for more of a resource than there is. */
  private isBehind(job: OrderKey, resource: string): boolean {
    if (!this.short.has(resource)) return false
    const first = this.waiting.get(resource)?.find(({ inLine }) => inLine)
    return first !== undefined && compareOrder(first.job, job) < 0
  }

  /** To ask again would change nothing: we are told when there is as much as it wants, or less. */
  private isKnownShort({ resource, quantity }: ConsumableNeed): boolean {
    const short = this.short.get(resource)
    return short !== undefined && quantity > short.free && quantity >= short.least
  }

  private revisit(resource: string, waiting: Waiting[], at: number): void {
    const { job } = waiting.splice(at, 1)[0]!
    if (waiting.length === 0) this.waiting.delete(resource)
    this.resources.delete(job.seq)
    this.parked.delete(job.seq)
    this.revisits.set(job.seq, resource)
  }
}
