import { processorsOf } from './machine.ts'
import type { Scheduler } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'

/**
 * First come, first served on a number of interchangeable processors. `strict`: nothing passes a job that has to wait.
 * Otherwise first fit: whatever fits may pass it, and nothing is reserved.
 */
export class FirstCome implements Scheduler {
  private free: number
  private readonly strict: boolean
  private readonly waiting = new Set<TraceJob>()

  constructor(processors: number, strict: boolean) {
    this.free = processors
    this.strict = strict
  }

  submit(job: TraceJob): void {
    this.waiting.add(job)
  }

  end(job: TraceJob): void {
    this.free += processorsOf(job)
  }

  pass(): TraceJob[] {
    const started: TraceJob[] = []
    for (const job of this.waiting) {
      if (this.free === 0) break
      if (processorsOf(job) <= this.free) {
        this.free -= processorsOf(job)
        started.push(job)
      } else if (this.strict) break
    }
    for (const job of started) this.waiting.delete(job)
    return started
  }
}
