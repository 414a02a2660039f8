import { limits } from '../limits.ts'
import type { SchedulingSettings } from '../model/queue.ts'
import { addResources, noResources, type Resources, subtractResources } from '../model/resources.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import { Claims } from '../scheduling/claims.ts'
import type { PoolHost } from '../scheduling/demand.ts'
import { FairShare } from '../scheduling/fair-share.ts'
import { Occupancy } from '../scheduling/occupancy.ts'
import { PlacementPass } from '../scheduling/placement-pass.ts'
import { RunTimeEstimate } from '../scheduling/run-time-estimate.ts'
import { useOf } from '../scheduling/share-usage.ts'
import { jobsInTurns } from './share-turns.ts'
import type { Scheduler } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'
import { WaitingJobs } from './waiting-jobs.ts'

/** What a queue is told of how to order and to place, by the API's names. */
export type QueuePolicy = {
  schedulingSettings?: Pick<SchedulingSettings, 'blockedHead'>
  fairsharePolicy?: FairsharePolicy
}

const queue = { queue: 1, priority: 1 }
const onlyShare = ''

/**
 * Longshore itself on one queue and one environment: the modules that decide in the live system, its order (shares, priorities,
 * age), its host pool, its reservations, and its ranking of what is let through by how long its kind has run so far.
 */
export class Longshore implements Scheduler {
  private readonly occupancy = new Occupancy()
  private readonly claims = new Claims(this.occupancy)
  private readonly estimates = new RunTimeEstimate()
  private readonly fair: FairShare | undefined
  private readonly strict: boolean
  private readonly shapes = new WeakMap<TraceJob, string>()
  /** Of all hosts together. */
  private free: Resources
  /** Any job needs as much. */
  private least = { cpuMilli: Number.POSITIVE_INFINITY, gpuMilli: Number.POSITIVE_INFINITY }
  /** By share; one for all where there is no fair share. None is empty. */
  private readonly waiting = new Map<string, WaitingJobs>()

  constructor(hosts: readonly PoolHost[], policy: QueuePolicy = {}) {
    for (const host of hosts) {
      this.occupancy.addHost(host)
      this.occupancy.setOpen(host.id, true)
    }
    this.free = capacityOf(hosts)
    this.strict = policy.schedulingSettings?.blockedHead === 'STRICT'
    const { fairsharePolicy } = policy
    this.fair = fairsharePolicy && new FairShare(fairsharePolicy, this.free)
  }

  submit(job: TraceJob): void {
    const share = this.fair ? job.share : onlyShare
    const jobs = this.waiting.get(share) ?? new WaitingJobs()
    this.waiting.set(share, jobs)
    jobs.add(job)
    this.shapes.set(job, shapeOf(job))
    const { cpuMilli, gpuMilli } = demandOf(job)
    this.least.cpuMilli = Math.min(this.least.cpuMilli, cpuMilli)
    this.least.gpuMilli = Math.min(this.least.gpuMilli, gpuMilli)
  }

  end(job: TraceJob, now: number): void {
    for (const [node, { resources }] of job.demands.entries()) {
      this.occupancy.end(attemptId(job, node))
      this.fair?.release(job.share, useOf(resources), now)
    }
    this.free = addResources(this.free, demandOf(job))
    this.estimates.note(this.shapes.get(job)!, job.runMs)
  }

  pass(now: number): TraceJob[] {
    const pass = new PlacementPass(this.occupancy, this.claims, { ...queue, now, strict: this.strict })
    const started = new Set<TraceJob>()
    const refused = new Set<string>()
    const ask = (job: TraceJob) => {
      if (refused.has(this.shapes.get(job)!)) return
      if (place(pass, job)) this.take(job, started)
      else refused.add(this.shapes.get(job)!)
    }
    const behind: TraceJob[] = []
    let lookedAt = 0
    for (const job of this.isFull ? [] : jobsInTurns(this.waiting, this.fair, now)) {
      if (refused.size === 0) ask(job)
      else behind.push(job)
      if (this.isFull || (refused.size > 0 && (this.strict || ++lookedAt > limits.backfillWindow))) break
    }
    for (const job of this.fair ? behind : this.shortestFirst(behind)) if (!this.isFull) ask(job)
    pass.end()
    for (const job of started) this.start(job, now)
    return [...started]
  }

  /** Nothing that waits can have room, so that nobody needs to ask. */
  private get isFull(): boolean {
    return this.free.cpuMilli < this.least.cpuMilli || this.free.gpuMilli < this.least.gpuMilli
  }

  private take(job: TraceJob, started: Set<TraceJob>): void {
    started.add(job)
    this.free = subtractResources(this.free, demandOf(job))
  }

  private start(job: TraceJob, now: number): void {
    const share = this.fair ? job.share : onlyShare
    const jobs = this.waiting.get(share)!
    jobs.delete(job)
    if (!jobs.first) this.waiting.delete(share)
    for (const { resources } of job.demands) this.fair?.hold(job.share, useOf(resources), now)
  }

  /** What does not delay the head may go in any order: the shortest first (SJBF). A fair-share queue keeps its shares' turns. */
  private shortestFirst(jobs: TraceJob[]): TraceJob[] {
    const ranked = jobs.map((job) => ({ job, ms: this.estimates.of(this.shapes.get(job)!, job.boundMs) }))
    return ranked.sort((a, b) => (a.ms === b.ms ? 0 : a.ms - b.ms)).map(({ job }) => job)
  }
}

function place(pass: PlacementPass, job: TraceJob): boolean {
  const attempts = job.demands.map((demand, node) => ({
    id: attemptId(job, node),
    demand,
    boundMs: job.boundMs,
  }))
  return pass.place({ attempts }).kind === 'placed'
}

function attemptId({ id }: TraceJob, node: number): string {
  return `${id}#${node}`
}

/** As in the live queue: jobs of one shape find room or none alike in one pass, and are thought to run as long. */
function shapeOf({ kind, demands, boundMs }: TraceJob): string {
  return JSON.stringify([kind, demands, String(boundMs)])
}

function demandOf({ demands }: TraceJob): Resources {
  return demands.reduce((sum, { resources }) => addResources(sum, resources), noResources)
}

function capacityOf(hosts: readonly PoolHost[]): Resources {
  return hosts.reduce((sum, { capacity }) => addResources(sum, capacity), noResources)
}
