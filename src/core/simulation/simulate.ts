import { MinHeap } from './min-heap.ts'
import type { TraceJob } from './trace-job.ts'

/** A policy under simulation. It hears what happens and says what starts; the machine is its own to keep. */
export interface Scheduler {
  submit(job: TraceJob, now: number): void
  /** `isPreempted`: it has made room, and waits again before those of its priority. */
  end(job: TraceJob, now: number, isPreempted: boolean): void
  /** What starts now. Called once for each moment at which something happened, after all of it was told. */
  pass(now: number): TraceJob[]
  /** What has been told to make room in the last pass, and when it will have. */
  takePreempted?(): { job: TraceJob; by: number }[]
  /** When to be asked again though nothing is submitted and nothing ends; Infinity: not needed. */
  wakeAt?(): number
}

/** When each job of the trace started, by its id, where it had to make room the last time; undefined for what never did. */
export type Starts = (number | undefined)[]

/** What is not in the trace. Times are those of the trace. */
export type Surroundings = {
  /** Jobs that run when it begins, which the scheduler knows of. */
  running?: Iterable<{ job: TraceJob; endsAt: number }>
  /** Jobs that are submitted because one has ended. */
  released?: (ended: TraceJob) => readonly TraceJob[]
  /** Asked after every pass: true ends the simulation. */
  isOver?: () => boolean
}

/**
 * Runs a trace, in order of submission, under a scheduler, in virtual time. All events of a moment are applied before
 * one pass, ends before submissions.
 */
export function simulate(
  jobs: readonly TraceJob[],
  scheduler: Scheduler,
  { running: before = [], released = () => [], isOver = () => false }: Surroundings = {},
): Starts {
  const starts: Starts = new Array(jobs.length).fill(undefined)
  const running = new Running()
  for (const { job, endsAt } of before) running.start(job, endsAt)
  let submitted = 0
  for (;;) {
    const nextSubmit = jobs[submitted]?.submitAt ?? Number.POSITIVE_INFINITY
    const now = Math.min(nextSubmit, running.nextEnd, scheduler.wakeAt?.() ?? Number.POSITIVE_INFINITY)
    if (now === Number.POSITIVE_INFINITY) return starts
    for (let ended = running.take(now); ended; ended = running.take(now)) {
      scheduler.end(ended.job, now, ended.isPreempted)
      if (!ended.isPreempted) for (const job of released(ended.job)) scheduler.submit(job, now)
    }
    for (let job = jobs[submitted]; job && job.submitAt <= now; job = jobs[++submitted])
      scheduler.submit(job, now)
    for (const job of scheduler.pass(now)) {
      starts[job.id] = now
      running.start(job, now + job.runMs)
    }
    for (const { job, by } of scheduler.takePreempted?.() ?? []) running.preempt(job, by)
    if (isOver()) return starts
  }
}

type Run = { job: TraceJob; endsAt: number; isPreempted: boolean }

/** What runs, and when it ends: by itself, or earlier where it has to make room. */
class Running {
  private readonly ends = new MinHeap<Run>()
  private readonly runs = new Map<TraceJob, Run>()

  start(job: TraceJob, endsAt: number): void {
    this.add({ job, endsAt, isPreempted: false })
  }

  preempt(job: TraceJob, by: number): void {
    const known = this.runs.get(job)
    if (known && by < known.endsAt) this.add({ job, endsAt: by, isPreempted: true })
  }

  get nextEnd(): number {
    // Some were to end then, and had to make room before.
    for (let run = this.ends.least; run && this.runs.get(run.job) !== run; run = this.ends.least)
      this.ends.take()
    return this.ends.leastKey
  }

  /** The next that has ended by now. */
  take(now: number): Run | undefined {
    if (this.nextEnd > now) return undefined
    const run = this.ends.take()!
    this.runs.delete(run.job)
    return run
  }

  private add(run: Run): void {
    this.runs.set(run.job, run)
    this.ends.add(run.endsAt, run)
  }
}
