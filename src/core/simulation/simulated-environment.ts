import { addResources, noResources, type Resources } from '../model/resources.ts'
import { Claims } from '../scheduling/claims.ts'
import type { Grant, PoolHost } from '../scheduling/demand.ts'
import { Occupancy } from '../scheduling/occupancy.ts'
import { attemptId, type TraceJob } from './trace-job.ts'

/** `open`: it may be given more. */
export type SimulatedHost = { host: PoolHost; open: boolean }

/**
 * A job that runs: for which queue, undefined for one that is not simulated, of which priority, where, one grant for each
 * node, and since when. `leaving`: it has been told to make room.
 */
export type Held = {
  queue: number | undefined
  priority: number
  grants: readonly Grant[]
  since: number
  leaving?: boolean
}

/** An environment in virtual time: the pool and the reservations that decide in the live one. */
export class SimulatedEnvironment {
  readonly number: number
  readonly occupancy = new Occupancy()
  readonly claims = new Claims(this.occupancy)
  /** All of its hosts together. */
  readonly capacity: Resources
  /** It starts nothing: it is disabled. */
  readonly closed: boolean
  readonly running = new Map<TraceJob, Held>()
  private free: Resources
  private preempted: { job: TraceJob; by: number }[] = []

  constructor(hosts: readonly SimulatedHost[], { number = 1, closed = false } = {}) {
    this.number = number
    this.closed = closed
    for (const { host, open } of hosts) {
      this.occupancy.addHost(host)
      this.occupancy.setOpen(host.id, open)
    }
    this.capacity = hosts.map(({ host }) => host.capacity).reduce(addResources, noResources)
    this.free = this.capacity
  }

  /** The job has room, which is taken already. */
  started(job: TraceJob, held: Held): void {
    this.running.set(job, held)
    for (const { resources } of job.demands) this.change(resources, -1)
  }

  /** The job runs here since before the simulation. `endsBy`: by its bound. */
  resume(job: TraceJob, held: Held, endsBy: number): void {
    for (const [node, { resources }] of job.demands.entries()) {
      const { host, cards } = held.grants[node]!
      this.occupancy.resume({ id: attemptId(job, node), host, resources, cards, endsBy })
    }
    this.started(job, held)
  }

  ended(job: TraceJob): void {
    this.running.delete(job)
    for (const [node, { resources }] of job.demands.entries()) {
      this.occupancy.end(attemptId(job, node))
      this.change(resources, 1)
    }
  }

  /** The job is to make room by then. */
  preempt(job: TraceJob, by: number): void {
    this.running.get(job)!.leaving = true
    this.preempted.push({ job, by })
    for (const node of job.demands.keys()) {
      const id = attemptId(job, node)
      this.occupancy.setBound(id, Math.min(by, this.occupancy.run(id)!.endsBy))
    }
  }

  /** What has been told to make room since this was last asked. */
  takePreempted(): { job: TraceJob; by: number }[] {
    const { preempted } = this
    this.preempted = []
    return preempted
  }

  /** Whether so little can be free nowhere, as far as sums say. */
  lacks({ cpuMilli, gpuMilli }: Pick<Resources, 'cpuMilli' | 'gpuMilli'>): boolean {
    return this.free.cpuMilli < cpuMilli || this.free.gpuMilli < gpuMilli
  }

  /** Below zero where an offer has shrunk under what runs. */
  private change(by: Resources, sign: 1 | -1): void {
    const { cpuMilli, memoryMiB, gpuMilli, diskMiB } = this.free
    this.free = {
      cpuMilli: cpuMilli + sign * by.cpuMilli,
      memoryMiB: memoryMiB + sign * by.memoryMiB,
      gpuMilli: gpuMilli + sign * by.gpuMilli,
      diskMiB: diskMiB + sign * by.diskMiB,
    }
  }
}
