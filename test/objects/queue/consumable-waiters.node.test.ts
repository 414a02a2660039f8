import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { availableQuantity, type ConsumableNeed } from '../../../src/core/model/consumable.ts'
import { grantConsumables } from '../../../src/core/scheduling/grant-consumables.ts'
import { ConsumableWaiters } from '../../../src/objects/queue/consumable-waiters.ts'
import { compareOrder, type OrderKey } from '../../../src/objects/queue/ready-store.ts'

const names = ['a', 'b'] as const
type Job = OrderKey & { needs: ConsumableNeed[] }

/** A queue's jobs and the resources they need, of each 4 at first; asked for, told of and given back as the real ones do. */
class Model {
  readonly waiters: ConsumableWaiters
  readonly jobs = new Map<number, Job>()
  readonly running: Job[] = []
  readonly stock = new Map(
    names.map((name) => [name as string, { type: 'REPLENISHABLE' as const, total: 4, inUse: 0 }]),
  )
  /** The least that was refused of each resource: of as much we are told. */
  private readonly watched = new Map<string, number>()

  constructor() {
    this.waiters = new ConsumableWaiters(new Map())
  }

  submit(job: Job): void {
    this.jobs.set(job.seq, job)
    this.rounds([job])
  }

  stop(at: number): void {
    const job = [...this.jobs.values()][at % Math.max(1, this.jobs.size)]
    if (!job) return
    this.jobs.delete(job.seq)
    this.waiters.forget(job.seq)
    this.rounds([])
  }

  end(at: number): void {
    const [job] = this.running.splice(at % Math.max(1, this.running.length), 1)
    for (const { resource, quantity } of job?.needs ?? []) this.stock.get(resource)!.inUse -= quantity
    this.tell((job?.needs ?? []).map(({ resource }) => resource))
  }

  /** Who waits is told as well where there is less: it may be for more than there will be. */
  resize(name: string, total: number): void {
    const stock = this.stock.get(name)!
    const isLess = total < stock.total
    stock.total = total
    this.tell([name], isLess)
  }

  private tell(changed: string[], all = false): void {
    const freed = changed.flatMap((name) => {
      const free = this.free(name)
      const isTold = all || free >= (this.watched.get(name) ?? Number.POSITIVE_INFINITY)
      return isTold && this.watched.delete(name) ? [{ name, free }] : []
    })
    if (freed.length > 0) this.waiters.freed(freed)
    this.rounds([])
  }

  free(name: string): number {
    return availableQuantity(this.stock.get(name)!)
  }

  private rounds(fresh: Job[]): void {
    for (let again = true; again; again = this.waiters.advance() || this.waiters.toRevisit.length > 0) {
      const revisited = this.waiters.toRevisit.flatMap((seq) => this.jobs.get(seq) ?? [])
      for (const seq of this.waiters.toRevisit) if (!this.jobs.has(seq)) this.waiters.revisited(seq)
      const asking = [...new Set([...revisited, ...fresh.splice(0)])]
        .filter((job) => !this.waiters.parkKnown(job, job.needs))
        .sort(compareOrder)
      this.ask(asking)
    }
  }

  private ask(asking: Job[]): void {
    const asks = asking.map(({ seq, needs }) => ({ holder: `${seq}`, needs, held: new Map() }))
    const { granted, refused, taken } = grantConsumables(this.stock, asks)
    for (const { resource, quantity } of taken) this.stock.get(resource)!.inUse += quantity
    for (const shortage of refused) {
      const { resource, wanted } = shortage
      this.watched.set(resource, Math.min(wanted, this.watched.get(resource) ?? wanted))
      this.waiters.park(this.jobs.get(Number(shortage.holder))!, shortage, this.waiters.news)
    }
    for (const holder of granted) {
      const job = this.jobs.get(Number(holder))!
      this.jobs.delete(job.seq)
      this.waiters.revisited(job.seq)
      this.running.push(job)
    }
  }
}

const need = fc.record({ resource: fc.constantFrom(...names), quantity: fc.integer({ min: 1, max: 5 }) })
const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      needs: fc.uniqueArray(need, { minLength: 1, maxLength: 2, selector: ({ resource }) => resource }),
      priority: fc.nat(1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ end: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ stop: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ of: fc.constantFrom(...names), total: fc.nat(6) }) },
)

describe('jobs that wait for consumable resources', () => {
  it('never wait in vain, whatever comes, ends, is stopped or becomes more or less', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const model = new Model()
        for (const [seq, one] of events.entries()) {
          if ('end' in one) model.end(one.end)
          else if ('stop' in one) model.stop(one.stop)
          else if ('of' in one) model.resize(one.of, one.total)
          else model.submit({ seq, share: 0, front: false, ...one })
          const waiting = [...model.jobs.values()].sort(compareOrder)
          for (const [at, job] of waiting.entries())
            expect(
              job.needs.some(
                ({ resource, quantity }) =>
                  model.free(resource) < quantity ||
                  // Somebody before it waits for more of this, and will get it.
                  waiting
                    .slice(0, at)
                    .some(({ needs }) =>
                      needs.some(
                        (other) =>
                          other.resource === resource && other.quantity <= model.stock.get(resource)!.total,
                      ),
                    ),
              ),
              JSON.stringify({ job, waiting, stock: [...model.stock] }),
            ).toBe(true)
        }
        while (model.running.length > 0) model.end(0)
        for (const { needs } of model.jobs.values())
          expect(needs.some(({ resource, quantity }) => quantity > model.stock.get(resource)!.total)).toBe(
            true,
          )
      }),
      { numRuns: 300 },
    )
  })
})
