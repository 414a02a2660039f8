import { seeded } from '../../bench/traces/seeded.ts'
import type { Clock, Scheduler } from '../../src/runtime/clock.ts'

type Event = { at: number; order: number; run: () => void }

/** Virtual time: events run in order of their moment, and everything a run promises is settled before the next. */
export class World implements Clock {
  readonly random: () => number
  private time = 1_700_000_000_000
  private order = 0
  private readonly heap: Event[] = []
  events = 0
  /** The first failure: it ends the run. */
  failure: unknown

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  now(): number {
    return this.time
  }

  at(delayMs: number, run: () => void): void {
    push(this.heap, { at: this.time + Math.max(0, delayMs), order: this.order++, run })
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  between(low: number, high: number): number {
    return Math.floor(low + this.random() * (high - low + 1))
  }

  fail(error: unknown): void {
    this.failure ??= error
  }

  /** Runs until `done` holds, nothing is left to happen, or `limit` events have run. */
  async run(done: () => boolean, limit: number): Promise<void> {
    while (!done() && this.heap.length > 0) {
      if (this.failure) throw this.failure
      if (this.events++ > limit) throw new Error(`no end after ${limit} events`)
      const event = pop(this.heap)
      this.time = event.at
      event.run()
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (this.failure) throw this.failure
  }
}

/**
 * One life of a process. When it ends, what it had planned never happens, its calls are never answered, and those who
 * called it see an error.
 */
export class Life {
  readonly world: World
  alive = true
  private readonly deathWatches = new Set<() => void>()

  constructor(world: World) {
    this.world = world
  }

  readonly scheduler: Scheduler = {
    later: (delayMs, task) =>
      this.world.at(delayMs, () => {
        if (!this.alive) return
        Promise.resolve()
          .then(task)
          .catch((error) => this.world.fail(error))
      }),
  }

  onDeath(watch: () => void): () => void {
    this.deathWatches.add(watch)
    return () => this.deathWatches.delete(watch)
  }

  end(): void {
    this.alive = false
    for (const watch of [...this.deathWatches]) watch()
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Event[], event: Event): void {
  heap.push(event)
  let child = heap.length - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!before(heap[child]!, heap[parent]!)) break
    ;[heap[child], heap[parent]] = [heap[parent]!, heap[child]!]
    child = parent
  }
}

function pop(heap: Event[]): Event {
  const top = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return top
  heap[0] = last
  for (let parent = 0; ; ) {
    let least = parent
    for (const child of [2 * parent + 1, 2 * parent + 2])
      if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
    if (least === parent) return top
    ;[heap[least], heap[parent]] = [heap[parent]!, heap[least]!]
    parent = least
  }
}
