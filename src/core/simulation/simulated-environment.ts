import { addResources, noResources, type Resources } from '../model/resources.ts'
import { Claims } from '../scheduling/claims.ts'
import type { Grant, PoolHost } from '../scheduling/demand.ts'
import { Occupancy } from '../scheduling/occupancy.ts'
import { attemptId, type TraceJob } from './trace-job.ts'

/** `open`: it may be given more. */
export type SimulatedHost = { host: PoolHost; open: boolean }

/** An environment in virtual time: the pool and the reservations that decide in the live one. */
export class SimulatedEnvironment {
  readonly number: number
  readonly occupancy = new Occupancy()
  readonly claims = new Claims(this.occupancy)
  /** All of its hosts together. */
  readonly capacity: Resources
  /** It starts nothing: it is disabled. */
  readonly closed: boolean
  private free: Resources

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
  started({ demands }: TraceJob): void {
    for (const { resources } of demands) this.change(resources, -1)
  }

  /** The job runs here since before the simulation. `grants`: one for each node; `endsBy`: by its bound. */
  resume(job: TraceJob, grants: readonly Grant[], endsBy: number): void {
    for (const [node, { resources }] of job.demands.entries()) {
      const { host, cards } = grants[node]!
      this.occupancy.resume({ id: attemptId(job, node), host, resources, cards, endsBy })
    }
    this.started(job)
  }

  ended(job: TraceJob): void {
    for (const [node, { resources }] of job.demands.entries()) {
      this.occupancy.end(attemptId(job, node))
      this.change(resources, 1)
    }
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
