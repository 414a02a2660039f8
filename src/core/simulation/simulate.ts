import { MinHeap } from './min-heap.ts'
import type { TraceJob } from './trace-job.ts'

/** A policy under simulation. It hears what happens and says what starts; the machine is its own to keep. */
export interface Scheduler {
  submit(job: TraceJob, now: number): void
  end(job: TraceJob, now: number): void
  /** What starts now. Called once for each moment at which something happened, after all of it was told. */
  pass(now: number): TraceJob[]
  /** When to be asked again though nothing is submitted and nothing ends; Infinity: not needed. */
  wakeAt?(): number
}

/** When each job of the trace started, by its id; undefined for what never did. */
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
  const running = new MinHeap<TraceJob>()
  for (const { job, endsAt } of before) running.add(endsAt, job)
  let submitted = 0
  for (;;) {
    const nextSubmit = jobs[submitted]?.submitAt ?? Number.POSITIVE_INFINITY
    const now = Math.min(nextSubmit, running.leastKey, scheduler.wakeAt?.() ?? Number.POSITIVE_INFINITY)
    if (now === Number.POSITIVE_INFINITY) return starts
    while (running.leastKey <= now) {
      const ended = running.take()!
      scheduler.end(ended, now)
      for (const job of released(ended)) scheduler.submit(job, now)
    }
    for (let job = jobs[submitted]; job && job.submitAt <= now; job = jobs[++submitted])
      scheduler.submit(job, now)
    for (const job of scheduler.pass(now)) {
      starts[job.id] = now
      running.add(now + job.runMs, job)
    }
    if (isOver()) return starts
  }
}
