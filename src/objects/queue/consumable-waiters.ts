import type { ConsumableNeed } from '../../core/model/consumable.ts'
import { type Shortage, shortageReason, waitsInLine } from '../../core/scheduling/grant-consumables.ts'
import { compareOrder, type OrderKey } from './ready-store.ts'

const unanswered =
  'CONSUMABLE_RESOURCE_UNAVAILABLE - The consumable resources do not answer; they are asked again soon'

/** `inLine`: those behind it are not to overtake it (`grantConsumables`). */
type Waiting = { job: OrderKey; wanted: number; inLine: boolean }

/**
 * A resource last found short, with what was free. We are told when there is as much as the least that was asked for.
 * `checked`: nobody wants less, but for those behind one in line.
 */
type Short = Pick<Shortage, 'total'> & { free: number; least: number; checked: boolean }

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
  private readonly short = new Map<string, Short>()
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
    const { resource, wanted, free = -1, total } = shortage
    const { least = wanted, checked = false } = this.short.get(resource) ?? {}
    const known = { free, least: Math.min(wanted, least), checked }
    this.short.set(resource, total === undefined ? known : { ...known, total })
    this.setAside(job, shortage)
  }

  /** Sets a job aside without asking, where the last answer tells that it would be refused. */
  parkKnown(job: OrderKey, needs: ConsumableNeed[]): boolean {
    if (this.has(job.seq)) return true
    const need = needs.find((one) => this.isBehind(job, one.resource) || this.isKnownShort(one))
    if (!need) return false
    const { resource, quantity: wanted } = need
    const { free, total } = this.short.get(resource)!
    this.setAside(job, {
      ...{ resource, wanted, free: free < 0 ? undefined : free },
      ...(total === undefined ? {} : { total }),
      ...(free < wanted ? {} : { behind: true }),
    })
    return true
  }

  /** The job waits no more: it has been stopped. */
  forget(seq: number): void {
    const resource = this.resources.get(seq)
    const waiting = resource === undefined ? undefined : this.waiting.get(resource)
    if (resource === undefined || !waiting) return
    const place = waiting.findIndex(({ job }) => job.seq === seq)
    const { inLine } = waiting.splice(place, 1)[0]!
    if (waiting.length === 0) this.waiting.delete(resource)
    this.resources.delete(seq)
    this.parked.delete(seq)
    const short = this.short.get(resource)
    // There may be enough for those behind it.
    if (inLine && short) this.lookAgain(resource, Math.max(short.free, short.least - 1))
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
    for (const { name, free } of resources) this.lookAgain(name, free)
    this.advance()
  }

  /** Has the next waiter looked at wherever we would not be told of more. True where there is one. */
  advance(): boolean {
    const visited = new Set(this.revisits.values())
    let advanced = false
    for (const [resource, waiting] of this.waiting) {
      const at = visited.has(resource) ? undefined : this.nextToAsk(resource, waiting)
      if (at === undefined) continue
      this.revisit(resource, waiting, at)
      advanced = true
    }
    return advanced
  }

  /** Has those looked at again for whom there may be enough, where so much may be free. */
  private lookAgain(resource: string, free: number): void {
    this.short.delete(resource)
    const waiting = this.waiting.get(resource) ?? []
    let room = free
    // One that wants more, and holds up nobody, is passed over: `advance` comes back to it.
    for (let at = 0; at < waiting.length && room > 0; ) {
      const { wanted, inLine } = waiting[at]!
      if (wanted > room && !inLine) at++
      else {
        room -= wanted
        this.revisit(resource, waiting, at)
      }
    }
  }

  /** The first for whom we would not be told of more: it is to be asked for again. */
  private nextToAsk(resource: string, waiting: Waiting[]): number | undefined {
    const short = this.short.get(resource)
    if (!short) return 0
    if (short.checked) return undefined
    for (const [at, { wanted, inLine }] of waiting.entries()) {
      if (wanted < short.least) return at
      if (inLine) break
    }
    short.checked = true
    return undefined
  }

  private setAside(job: OrderKey, shortage: Omit<Shortage, 'holder'>): void {
    const { resource, wanted } = shortage
    this.revisits.delete(job.seq)
    this.parked.set(job.seq, shortageReason(shortage))
    if (this.resources.has(job.seq)) return
    this.resources.set(job.seq, resource)
    const waiting = this.waiting.get(resource) ?? []
    let place = waiting.length
    while (place > 0 && compareOrder(job, waiting[place - 1]!.job) < 0) place--
    waiting.splice(place, 0, { job, wanted, inLine: waitsInLine(shortage) })
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
