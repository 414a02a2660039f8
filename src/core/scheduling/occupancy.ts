import { assert } from '../assert.ts'
import type { Grant, PoolHost } from './demand.ts'
import { HostPool } from './host-pool.ts'
import type { Taken } from './room.ts'

/** One attempt on its host. `endsBy` is Infinity without a time-out; `order` is higher than that of all runs before it. */
export type Run = Taken & { readonly id: string; readonly host: string; readonly order: number }

type NewRun = Omit<Run, 'order'>

/** A host, whether it may be given more, and what runs on it: the first to end comes first, of those without a bound the oldest. */
export type Occupied = { readonly host: PoolHost; readonly open: boolean; readonly runs: readonly Run[] }

/** A host pool together with what runs on its hosts, and until when at the latest. */
export class Occupancy {
  readonly pool = new HostPool()
  private readonly hosts = new Map<string, { host: PoolHost; open: boolean; runs: Run[] }>()
  private readonly runs = new Map<string, Run>()
  private orders = 0
  /** Higher whenever there may be more room than before. */
  growth = 0

  /** Adds a host, closed at first; of one that is there the offer has changed, and what runs on it goes on. */
  addHost(host: PoolHost): void {
    const known = this.hosts.get(host.id)
    this.pool.add(host)
    if (known) known.host = host
    else {
      this.hosts.set(host.id, { host, open: false, runs: [] })
      this.pool.setOpen(host.id, false)
    }
    this.growth++
  }

  /** The host is gone with all that ran there. */
  removeHost(id: string): void {
    for (const run of this.hosts.get(id)?.runs ?? []) this.runs.delete(run.id)
    if (this.hosts.delete(id)) this.pool.remove(id)
  }

  /** Whether the host may be given more. */
  setOpen(id: string, open: boolean): void {
    const known = this.hosts.get(id)
    if (!known || known.open === open) return
    known.open = open
    this.pool.setOpen(id, open)
    if (open) this.growth++
  }

  /** Asserts that there is room for it. */
  start(run: NewRun): void {
    this.pool.take(grantOf(run), run.resources)
    this.enter(run)
  }

  /** It runs there already, also where the host's offer has shrunk under it. */
  resume(run: NewRun): void {
    this.pool.hold(grantOf(run), run.resources)
    this.enter(run)
  }

  end(id: string): void {
    const run = this.runs.get(id)
    if (!run) return
    this.runs.delete(id)
    this.pool.release(grantOf(run), run.resources)
    const runs = this.runsOn(run.host)
    runs.splice(runs.indexOf(run), 1)
    this.growth++
  }

  /** The run's bound is another than was thought: its time-out counts from when it has really started. */
  setBound(id: string, endsBy: number): void {
    const run = this.runs.get(id)
    if (!run || run.endsBy === endsBy) return
    const runs = this.runsOn(run.host)
    runs.splice(runs.indexOf(run), 1)
    const changed = { ...run, endsBy }
    this.runs.set(id, changed)
    insert(runs, changed)
  }

  run(id: string): Run | undefined {
    return this.runs.get(id)
  }

  on(host: string): Occupied | undefined {
    return this.hosts.get(host)
  }

  all(): Iterable<Occupied> {
    return this.hosts.values()
  }

  *open(): Iterable<Occupied> {
    for (const occupied of this.hosts.values()) if (occupied.open) yield occupied
  }

  /** The order of the newest run. */
  get newest(): number {
    return this.orders
  }

  private enter(run: NewRun): void {
    assert(!this.runs.has(run.id), `${run.id} has room already`)
    const entered: Run = { ...run, order: ++this.orders }
    this.runs.set(run.id, entered)
    insert(this.runsOn(run.host), entered)
  }

  private runsOn(host: string): Run[] {
    const known = this.hosts.get(host)
    assert(known, `there is no host ${host}`)
    return known.runs
  }
}

function grantOf({ host, cards }: NewRun): Grant {
  return { host, cards: [...cards] }
}

/** Keeps `runs` in order of their ends; among those that end together the older comes first. */
function insert(runs: Run[], run: Run): void {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = runs[middle]!
    if (other.endsBy < run.endsBy || (other.endsBy === run.endsBy && other.order < run.order))
      low = middle + 1
    else high = middle
  }
  runs.splice(low, 0, run)
}
