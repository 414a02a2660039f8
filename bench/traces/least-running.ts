import { processorsOf } from '../../src/core/simulation/machine.ts'
import type { Scheduler } from '../../src/core/simulation/simulate.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'

/** A free processor goes to the share that runs least; of one-processor jobs and equal weights. The reference of fairness. */
export class LeastRunning implements Scheduler {
  private free: number
  private readonly shares = new Map<string, { running: number; waiting: Set<TraceJob> }>()

  constructor(processors: number) {
    this.free = processors
  }

  submit(job: TraceJob): void {
    const share = this.shares.get(job.share) ?? { running: 0, waiting: new Set<TraceJob>() }
    this.shares.set(job.share, share)
    share.waiting.add(job)
  }

  end(job: TraceJob): void {
    this.free += processorsOf(job)
    this.shares.get(job.share)!.running -= processorsOf(job)
  }

  pass(): TraceJob[] {
    const started: TraceJob[] = []
    while (this.free > 0) {
      const waiting = [...this.shares.values()].filter((share) => share.waiting.size > 0)
      const [least] = waiting.sort((a, b) => a.running - b.running)
      if (!least) break
      const job = least.waiting.values().next().value!
      least.waiting.delete(job)
      least.running += processorsOf(job)
      this.free -= processorsOf(job)
      started.push(job)
    }
    return started
  }
}
