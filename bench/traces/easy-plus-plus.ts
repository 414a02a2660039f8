import type { RunTimeSource } from '../../src/core/simulation/easy.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'

/** By how much a prediction that proves too short grows, each time it does, in minutes (Tsafrir et al. 2007). */
const corrections = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 3000, 6000]

/** EASY++: the mean of the user's last two run times, never above what the user said (Tsafrir, Etsion, Feitelson 2007). */
export class LastTwoOfUser implements RunTimeSource {
  private readonly last = new Map<string, number[]>()
  private readonly corrected = new Map<TraceJob, number>()

  estimate(job: TraceJob): number {
    const known = this.last.get(job.share)
    if (known?.length !== 2) return job.boundMs
    return Math.min(job.boundMs, Math.floor((known[0]! + known[1]!) / 2))
  }

  learn(job: TraceJob): void {
    this.corrected.delete(job)
    this.last.set(job.share, [...(this.last.get(job.share) ?? []).slice(-1), job.runMs])
  }

  correct(job: TraceJob, ranMs: number): number {
    const times = this.corrected.get(job) ?? 0
    this.corrected.set(job, times + 1)
    return Math.min(job.boundMs, ranMs + (corrections[times] ?? corrections.at(-1)!) * 60_000)
  }
}
