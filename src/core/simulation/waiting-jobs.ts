import type { TraceJob } from './trace-job.ts'

/** Of one priority: those that have made room, and behind them the others in order of submission. */
type Level = { priority: number; front: Set<TraceJob>; jobs: Set<TraceJob> }

/** The jobs of one share that wait, in a queue's order: by priority, then those that were preempted, then by age. */
export class WaitingJobs {
  /** Highest priority first. */
  private readonly levels: Level[] = []

  add(job: TraceJob, front = false): void {
    let at = this.levels.findIndex(({ priority }) => priority <= job.priority)
    if (at < 0) at = this.levels.length
    if (this.levels[at]?.priority !== job.priority)
      this.levels.splice(at, 0, { priority: job.priority, front: new Set(), jobs: new Set() })
    const level = this.levels[at]!
    if (front) level.front.add(job)
    else level.jobs.add(job)
  }

  delete(job: TraceJob): void {
    const at = this.levels.findIndex(({ priority }) => priority === job.priority)
    const { front, jobs } = this.levels[at]!
    front.delete(job)
    jobs.delete(job)
    if (front.size + jobs.size === 0) this.levels.splice(at, 1)
  }

  get first(): TraceJob | undefined {
    return this[Symbol.iterator]().next().value
  }

  *[Symbol.iterator](): Generator<TraceJob> {
    for (const { front, jobs } of this.levels) {
      yield* front
      yield* jobs
    }
  }
}
