import type { TraceJob } from './trace-job.ts'

/** The jobs of one share that wait, in a queue's order: by priority, then by age. */
export class WaitingJobs {
  /** By priority, highest first; each in order of submission. */
  private readonly levels: { priority: number; jobs: Set<TraceJob> }[] = []

  add(job: TraceJob): void {
    let at = this.levels.findIndex(({ priority }) => priority <= job.priority)
    if (at < 0) at = this.levels.length
    if (this.levels[at]?.priority !== job.priority)
      this.levels.splice(at, 0, { priority: job.priority, jobs: new Set() })
    this.levels[at]!.jobs.add(job)
  }

  delete(job: TraceJob): void {
    const at = this.levels.findIndex(({ priority }) => priority === job.priority)
    this.levels[at]!.jobs.delete(job)
    if (this.levels[at]!.jobs.size === 0) this.levels.splice(at, 1)
  }

  get first(): TraceJob | undefined {
    return this.levels[0]?.jobs.values().next().value
  }

  *[Symbol.iterator](): Generator<TraceJob> {
    for (const { jobs } of this.levels) yield* jobs
  }
}
