import { processorsOf } from './machine.ts'
import type { Scheduler } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'

/** What a job is thought to run, in ms, and what the scheduler learns it by. */
export interface RunTimeSource {
  estimate(job: TraceJob): number
  /** A job has ended. */
  learn?(job: TraceJob): void
  /** The job has run for `ranMs`, as long as was thought, and goes on: what is thought now, more than that. */
  correct?(job: TraceJob, ranMs: number): number
}

type Running = { job: TraceJob; processors: number; startedAt: number; endsAt: number }
type Waiting = { job: TraceJob; processors: number; estimateMs: number }

/**
 * EASY backfilling on a number of interchangeable processors (Lifka 1995; Mu'alem and Feitelson 2001): the first job that
 * does not fit has a reservation for when, by the estimates, enough is free; a later one may start where it ends by then or takes no
 * more than is spare at that time. `shortestFirst`: candidates by their estimates (SJBF; Tsafrir et al. 2007).
 */
export class Easy implements Scheduler {
  private free: number
  private readonly runTimes: RunTimeSource
  private readonly shortestFirst: boolean
  private waiting: Waiting[] = []
  /** By estimated end. */
  private readonly running: Running[] = []

  constructor(processors: number, runTimes: RunTimeSource, shortestFirst = false) {
    this.free = processors
    this.runTimes = runTimes
    this.shortestFirst = shortestFirst
  }

  submit(job: TraceJob): void {
    this.waiting.push({ job, processors: processorsOf(job), estimateMs: this.runTimes.estimate(job) })
  }

  end(job: TraceJob): void {
    const at = this.running.findIndex((running) => running.job === job)
    this.free += this.running[at]!.processors
    this.running.splice(at, 1)
    this.runTimes.learn?.(job)
  }

  pass(now: number): TraceJob[] {
    this.correctEstimates(now)
    const started: TraceJob[] = []
    while (this.waiting[0] && this.waiting[0].processors <= this.free)
      started.push(this.start(this.waiting.shift()!, now))
    if (this.waiting.length > 1 && this.free > 0) started.push(...this.backfill(now))
    return started
  }

  wakeAt(): number {
    return this.runTimes.correct
      ? (this.running[0]?.endsAt ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY
  }

  private backfill(now: number): TraceJob[] {
    const { shadowAt, spare } = this.reserve(this.waiting[0]!)
    const candidates = this.waiting.slice(1)
    if (this.shortestFirst) candidates.sort((a, b) => a.estimateMs - b.estimateMs || a.job.id - b.job.id)
    const started = new Set<Waiting>()
    let left = spare
    for (const candidate of candidates) {
      if (candidate.processors > this.free) continue
      const endsInTime = now + candidate.estimateMs <= shadowAt
      if (!endsInTime && candidate.processors > left) continue
      if (!endsInTime) left -= candidate.processors
      this.start(candidate, now)
      started.add(candidate)
      if (this.free === 0) break
    }
    if (started.size > 0) this.waiting = this.waiting.filter((waiting) => !started.has(waiting))
    return [...started].map(({ job }) => job)
  }

  private reserve(head: Waiting): { shadowAt: number; spare: number } {
    let free = this.free
    let shadowAt = Number.POSITIVE_INFINITY
    for (const { processors, endsAt } of this.running) {
      if (endsAt > shadowAt) break
      free += processors
      if (free >= head.processors) shadowAt = endsAt
    }
    return { shadowAt, spare: free - head.processors }
  }

  private correctEstimates(now: number): void {
    while (this.runTimes.correct && this.running[0] && this.running[0].endsAt <= now) {
      const running = this.running.shift()!
      const estimateMs = this.runTimes.correct(running.job, now - running.startedAt)
      this.insert({ ...running, endsAt: running.startedAt + estimateMs })
    }
  }

  private start({ job, processors, estimateMs }: Waiting, now: number): TraceJob {
    this.free -= processors
    this.insert({ job, processors, startedAt: now, endsAt: now + estimateMs })
    return job
  }

  private insert(running: Running): void {
    let at = this.running.length
    while (at > 0 && this.running[at - 1]!.endsAt > running.endsAt) at--
    this.running.splice(at, 0, running)
  }
}
