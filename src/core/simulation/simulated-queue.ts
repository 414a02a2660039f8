import { limits } from '../limits.ts'
import type { SchedulingSettings } from '../model/queue.ts'
import { addResources, noResources } from '../model/resources.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import { backfillWindowOf } from '../scheduling/backfill-window.ts'
import type { Grant } from '../scheduling/demand.ts'
import { FairShare, type PackedShare } from '../scheduling/fair-share.ts'
import type { Ask } from '../scheduling/grant-choice.ts'
import { type InUse, LimitCheck } from '../scheduling/limit-check.ts'
import { PlacementPass } from '../scheduling/placement-pass.ts'
import { Reclaims } from '../scheduling/reclaims.ts'
import { RunTimeEstimate } from '../scheduling/run-time-estimate.ts'
import { addUse, noUse, useOf } from '../scheduling/share-usage.ts'
import { MakingRoom } from './making-room.ts'
import { jobsInTurns } from './share-turns.ts'
import type { SimulatedEnvironment } from './simulated-environment.ts'
import { attemptId, resourcesOf, type TraceJob } from './trace-job.ts'
import { WaitingJobs } from './waiting-jobs.ts'

/** What a queue is told of how to order and to place, by the API's names. */
export type QueuePolicy = {
  schedulingSettings?: SchedulingSettings
  fairsharePolicy?: FairsharePolicy
}

/** `usage`: what its shares have used before the simulation. */
export type QueueSetup = QueuePolicy & {
  number?: number
  priority?: number
  usage?: readonly PackedShare[]
}

/** A job that starts, and where, a grant for each node. */
export type Started = { job: TraceJob; environment: SimulatedEnvironment; grants: Grant[] }

const onlyShare = ''
/** Jobs for which others make room in one pass: a request to place asks for as many while little finds room. */
const mostComing = 8

/**
 * A queue in virtual time: the modules that decide in the live one, its order (shares, priorities, age), its limits, its
 * environments one after the other, and the ranking of what is let through by how long its kind has run so far.
 */
export class SimulatedQueue {
  readonly number: number
  readonly priority: number
  readonly environments: readonly SimulatedEnvironment[]
  private readonly estimates = new RunTimeEstimate()
  private readonly fair: FairShare | undefined
  private readonly settings: SchedulingSettings
  private readonly shapes = new WeakMap<TraceJob, string>()
  /** Any job needs as much. */
  private least = { cpuMilli: Number.POSITIVE_INFINITY, gpuMilli: Number.POSITIVE_INFINITY }
  /** By share; one for all where there is no fair share. None is empty. */
  private readonly waiting = new Map<string, WaitingJobs>()
  private held: InUse = { use: noUse, attempts: 0 }

  constructor(environments: readonly SimulatedEnvironment[], setup: QueueSetup = {}) {
    const { number = 1, priority = 1, schedulingSettings = {}, fairsharePolicy, usage = [] } = setup
    this.number = number
    this.priority = priority
    this.environments = environments
    this.settings = schedulingSettings
    const capacity = environments.map((one) => one.capacity).reduce(addResources, noResources)
    this.fair = fairsharePolicy && new FairShare(fairsharePolicy, capacity)
    this.fair?.unpack(usage)
  }

  get isIdle(): boolean {
    return this.waiting.size === 0
  }

  /** `front`: it has made room for another, and waits again. */
  submit(job: TraceJob, front = false): void {
    const share = this.shareOf(job)
    const jobs = this.waiting.get(share) ?? new WaitingJobs()
    this.waiting.set(share, jobs)
    jobs.add(job, front)
    this.shapes.set(job, shapeOf(job))
    const { cpuMilli, gpuMilli } = resourcesOf(job)
    this.least.cpuMilli = Math.min(this.least.cpuMilli, cpuMilli)
    this.least.gpuMilli = Math.min(this.least.gpuMilli, gpuMilli)
  }

  /** A job of the queue holds its room from now on. */
  hold(job: TraceJob, now: number): void {
    const use = useOf(resourcesOf(job))
    this.held = { use: addUse(this.held.use, use), attempts: this.held.attempts + 1 }
    this.fair?.hold(job.share, use, now)
  }

  /** It has given it back. `isOver`: it has run to its end. */
  release(job: TraceJob, now: number, isOver: boolean): void {
    const use = useOf(resourcesOf(job))
    const attempts = this.held.attempts - 1
    this.held = { use: attempts === 0 ? noUse : addUse(this.held.use, use, -1), attempts }
    this.fair?.release(job.share, use, now)
    const shape = this.shapes.get(job)
    if (shape !== undefined && isOver) this.estimates.note(shape, job.runMs)
  }

  /** What starts now; it has its room already. */
  pass(now: number): Started[] {
    const reclaiming = this.reclaiming(now)
    const passes = this.environments.map((environment) => this.passOf(environment, reclaiming, now))
    const check = this.limitCheck(now)
    const started = new Map<TraceJob, Started>()
    const refused = new Set<string>()
    let coming = 0
    const ask = (job: TraceJob) => {
      const shape = this.shapes.get(job)!
      if (refused.has(shape)) return
      if (reclaiming?.reclaims.take(job.share, reclaiming.costOf(job))) reclaiming.asks.add(attemptId(job, 0))
      const placed = place(passes, job)
      if (placed === 'blocked' || (placed === 'comes' && ++coming === mostComing)) refused.add(shape)
      else if (placed === 'never') this.leave(job)
      else if (placed !== 'comes') {
        started.set(job, placed)
        const { number: queue, priority } = this
        placed.environment.started(job, { queue, priority, grants: placed.grants, since: now })
      }
    }
    const behind: TraceJob[] = []
    let lookedAt = 0
    const window = new ShareWindow(this.waiting.size)
    for (const job of this.isFull ? [] : this.allowed(check, window, now)) {
      if (refused.size === 0) ask(job)
      else behind.push(job)
      if (refused.has(this.shapes.get(job)!)) window.pass(this.shareOf(job))
      if (this.isFull || (refused.size > 0 && (this.isStrict || ++lookedAt > limits.backfillWindow))) break
    }
    for (const job of this.fair ? behind : this.shortestFirst(behind)) if (!this.isFull) ask(job)
    for (const { pass } of passes) pass.end()
    for (const job of started.keys()) {
      this.leave(job)
      this.hold(job, now)
    }
    return [...started.values()]
  }

  /** Jobs in order, as far as limits go. */
  private *allowed(check: LimitCheck | undefined, window: ShareWindow, now: number): Generator<TraceJob> {
    const jobs = jobsInTurns(this.waiting, this.fair, now, (share) => window.isPast(share))
    if (!check) return yield* jobs
    for (const job of jobs) {
      const use = useOf(resourcesOf(job))
      if (check.ofQueue(use) !== undefined) return
      if (check.ofShare(job.share, use) !== undefined) window.close(job.share)
      else {
        check.take(job.share, use)
        yield job
      }
    }
  }

  /** Undefined where there is nothing to keep to. */
  private limitCheck(now: number): LimitCheck | undefined {
    const { fair, held, settings } = this
    const isLimited = (fair?.policy.shareDistribution ?? []).some((share) => share.limits)
    if (!settings.limits && !fair?.policy.computeReservation && !isLimited) return undefined
    const active = () => new Set([...this.waiting.keys(), ...(fair?.recentShares(now) ?? [])]).size
    return new LimitCheck({ limits: settings.limits, held, fair, active })
  }

  private passOf(
    environment: SimulatedEnvironment,
    reclaiming: Reclaiming | undefined,
    now: number,
  ): EnvironmentPass {
    const { occupancy, claims, closed } = environment
    const { number: queue, priority, isStrict: strict } = this
    const lower = this.settings.preemption?.includes('LOWER_QUEUES') ?? false
    const shares = reclaiming && { ...reclaiming, excess: reclaiming.reclaims.excess }
    const making = this.preempts
      ? new MakingRoom(environment, { queue, priority, lower, shares }, now)
      : undefined
    const makeRoom = making && ((ask: Ask, reserved: ReadonlySet<string>) => making.makeRoom(ask, reserved))
    const options = { queue, priority, now, strict, closed, makeRoom }
    return { environment, pass: new PlacementPass(occupancy, claims, options) }
  }

  /** What its shares may take from each other; undefined where they may take nothing. */
  private reclaiming(now: number): Reclaiming | undefined {
    const { fair, settings, number, environments } = this
    if (!fair || !settings.preemption?.includes('SHARES')) return undefined
    const costOf = (job: TraceJob) => fair.measure(useOf(resourcesOf(job)))
    const holds = new Map<string, number>()
    let total = 0
    for (const { running } of environments)
      for (const [job, { queue, leaving }] of running) {
        if (queue !== number) continue
        const cost = costOf(job)
        total += cost
        if (!leaving) holds.set(job.share, (holds.get(job.share) ?? 0) + cost)
      }
    const waiting = new Set(this.waiting.keys())
    const reclaims = new Reclaims(fair, holds, waiting, fair.mostHeld(total, now))
    return reclaims.excess.size > 0 ? { reclaims, asks: new Set(), costOf } : undefined
  }

  private get preempts(): boolean {
    return (this.settings.preemption?.length ?? 0) > 0
  }

  private get isStrict(): boolean {
    return this.settings.blockedHead === 'STRICT'
  }

  /** Nothing that waits can have room, so that nobody needs to ask. */
  private get isFull(): boolean {
    return !this.preempts && this.environments.every((environment) => environment.lacks(this.least))
  }

  /** It waits no more: it starts, or no host could ever hold it. */
  private leave(job: TraceJob): void {
    const share = this.shareOf(job)
    const jobs = this.waiting.get(share)!
    jobs.delete(job)
    if (!jobs.first) this.waiting.delete(share)
  }

  private shareOf({ share }: TraceJob): string {
    return this.fair ? share : onlyShare
  }

  /** What does not delay the head may go in any order: the shortest first (SJBF). A fair-share queue keeps its shares' turns. */
  private shortestFirst(jobs: TraceJob[]): TraceJob[] {
    return this.estimates.shortestFirst(jobs, (job) => ({
      kind: this.shapes.get(job)!,
      boundMs: job.boundMs,
    }))
  }
}

/** Of how many jobs of one share that find no room a pass goes by, as in the live queue. */
class ShareWindow {
  private readonly most: number
  private readonly passed = new Map<string, number>()

  constructor(shares: number) {
    this.most = backfillWindowOf(shares)
  }

  pass(share: string): void {
    this.passed.set(share, (this.passed.get(share) ?? 0) + 1)
  }

  close(share: string): void {
    this.passed.set(share, this.most)
  }

  isPast(share: string): boolean {
    return (this.passed.get(share) ?? 0) >= this.most
  }
}

/** `asks`: attempts that may have room from other shares. */
type Reclaiming = { reclaims: Reclaims; asks: Set<string>; costOf: (job: TraceJob) => number }
type EnvironmentPass = { environment: SimulatedEnvironment; pass: PlacementPass }

/** In the first environment that has room. `comes`: others are making room for it; `never`: no host of any could hold it. */
function place(passes: readonly EnvironmentPass[], job: TraceJob): Started | 'blocked' | 'comes' | 'never' {
  const { boundMs } = job
  const attempts = job.demands.map((demand, node) => ({ id: attemptId(job, node), demand, boundMs }))
  let answer: 'blocked' | 'comes' | 'never' = 'never'
  for (const { environment, pass } of passes) {
    const placing = pass.place({ attempts })
    if (placing.kind === 'placed') return { job, environment, grants: placing.grants }
    if (placing.kind === 'infeasible') continue
    if (placing.roomComes) answer = 'comes'
    else if (answer === 'never') answer = 'blocked'
  }
  return answer
}

/** As in the live queue: jobs of one shape find room or none alike in one pass, and are thought to run as long. */
function shapeOf({ kind, demands, boundMs }: TraceJob): string {
  return JSON.stringify([kind, demands, String(boundMs)])
}
