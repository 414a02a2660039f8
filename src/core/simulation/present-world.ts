import type { PresentState } from './changed-state.ts'
import { Longshore } from './longshore.ts'
import { type Group, type RunTimes, runningJob, waitingGroup } from './present-jobs.ts'
import type {
  PresentEnvironment,
  PresentQueue,
  PresentRun,
  RunningWork,
  WaitingWork,
} from './present-state.ts'
import { simulate } from './simulate.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { SimulatedQueue } from './simulated-queue.ts'
import type { TraceJob } from './trace-job.ts'

/** Moments at which something happens that one simulation goes through, at most. */
const mostPasses = 20_000

/** Where a job started, when, epoch ms, and on which hosts, by their ids, one for each node. */
export type WorldStart = { at: number; environment: number; hosts: string[] }

/** What became of the present. `isCut`: it was left before all had started. */
export type WorldOutcome = { groups: Group[]; starts: ReadonlyMap<TraceJob, WorldStart>; isCut: boolean }

/** A job of a queue. */
export type JobOfQueue = { queue: number; seq: number }

/** What a simulation has to be told besides the state. */
export type WorldParts = {
  runTimes: RunTimes
  /** Whose attempt a run is. */
  jobOf: (attemptId: string) => JobOfQueue | undefined
  /** For how long somebody says that a job runs, milliseconds. */
  givenMs: (job: JobOfQueue) => number | undefined
}

/**
 * Runs the present on in virtual time until all that waits has started: what runs ends when it is thought to, and nothing is
 * submitted any more.
 */
export class PresentWorld {
  private readonly state: PresentState
  private readonly parts: WorldParts
  private readonly environments: ReadonlyMap<number, SimulatedEnvironment>
  private readonly queues: ReadonlyMap<number, SimulatedQueue>
  private readonly longshore: Longshore
  private readonly owners = new Map<TraceJob, SimulatedQueue>()
  private readonly starts = new Map<TraceJob, WorldStart>()
  /** What is submitted when a job ends: the next of its array. */
  private readonly followers = new Map<TraceJob, TraceJob[]>()
  /** The same by array. */
  private readonly later = new Map<string, TraceJob[]>()
  private ids = 0

  constructor(state: PresentState, parts: WorldParts) {
    this.state = state
    this.parts = parts
    const environments = new Map(state.environments.map((one) => [one.number, simulated(one)]))
    this.environments = environments
    this.queues = new Map(state.queues.map((one) => [one.number, queueIn(one, environments)]))
    this.longshore = new Longshore(
      [...this.queues.values()],
      (job) => this.owners.get(job)!,
      ({ job, environment, grants }, at) => {
        const hosts = grants.map(({ host }) => host)
        // What has to make room and starts once more has started all the same.
        if (!this.starts.has(job)) this.starts.set(job, { at, environment: environment.number, hosts })
      },
    )
  }

  run(): WorldOutcome {
    const { longshore, state, starts } = this
    const groups = state.queues.flatMap((queue) => queue.waiting.map((waiting) => this.group(queue, waiting)))
    const known = new Map(
      state.queues.flatMap((queue) =>
        queue.running.map(
          (one) => [keyOf({ queue: queue.number, seq: one.seq }), { queue, ...one }] as const,
        ),
      ),
    )
    const running = state.environments.flatMap((one) => {
      const together = Map.groupBy(one.runs, ({ attemptId, main }) => main ?? attemptId)
      return [...together.values()].map((runs) => this.resume(one, mainFirst(runs), known))
    })
    let passes = 0
    const isDone = () => longshore.isIdle && [...this.later.values()].every(({ length }) => length === 0)
    const isOver = () => ++passes >= mostPasses || isDone()
    const released = (ended: TraceJob) => this.followers.get(ended)?.splice(0, 1) ?? []
    const jobs = groups.flatMap(({ first }) => first)
    simulate(jobs, longshore, { running, released, isOver })
    return { groups, starts, isCut: passes >= mostPasses && !isDone() }
  }

  private group(queue: PresentQueue, waiting: WaitingWork): Group {
    const { runTimes, givenMs } = this.parts
    const { number } = queue
    const given = givenMs({ queue: number, seq: waiting.seq })
    const runTime = runTimes.of(queue, queue.works[waiting.work], given)
    const group = waitingGroup(queue, waiting, runTime, this.state.now, () => this.ids++)
    const later = [...group.later]
    if (later.length > 0 && group.work.never === undefined) this.later.set(keyOf(group), later)
    for (const job of [...group.first, ...group.later]) {
      this.owners.set(job, this.queues.get(number)!)
      this.follow(job, later)
    }
    return group
  }

  /** `runs`: an attempt, with the nodes that ran beside it. */
  private resume(
    { number }: PresentEnvironment,
    runs: readonly PresentRun[],
    all: ReadonlyMap<string, KnownRun>,
  ) {
    const { runTimes, jobOf } = this.parts
    const { now } = this.state
    const [main] = runs as [PresentRun]
    const of = jobOf(main.attemptId)
    const key = of ? keyOf(of) : ''
    const { queue: asTold, work: at = 0, share = '', priority = 0 } = all.get(key) ?? {}
    const work = asTold?.works[at]
    const runTime = runTimes.of(asTold, work)
    const job = runningJob(runs, work, { share, priority, runMs: runTime.ms }, this.ids++)
    this.follow(job, this.later.get(key))
    const queue = asTold && this.queues.get(asTold.number)
    if (queue) this.owners.set(job, queue)
    const grants = runs.map(({ host, cards }) => ({ host, cards: [...cards] }))
    const run = { grants, since: main.startedAt ?? now, endsBy: main.endsBy }
    this.longshore.resume(job, { environment: this.environments.get(number)!, queue }, run, now)
    return { job, endsAt: runTimes.endOf(main, runTime, now) }
  }

  private follow(job: TraceJob, later: TraceJob[] | undefined): void {
    if (later && later.length > 0) this.followers.set(job, later)
  }
}

/** The main node stands for all. */
function mainFirst(runs: readonly PresentRun[]): PresentRun[] {
  return runs.toSorted((a, b) => Number(a.main !== undefined) - Number(b.main !== undefined))
}

type KnownRun = RunningWork & { queue: PresentQueue }

function keyOf({ queue, seq }: JobOfQueue): string {
  return `${queue}/${seq}`
}

function simulated({ number, hosts, disabled }: PresentEnvironment): SimulatedEnvironment {
  return new SimulatedEnvironment(hosts, { number, closed: disabled })
}

function queueIn(
  queue: PresentQueue,
  environments: ReadonlyMap<number, SimulatedEnvironment>,
): SimulatedQueue {
  const own = queue.environments.flatMap((number) => environments.get(number) ?? [])
  return new SimulatedQueue(own, queue)
}
