import type { Grant } from '../scheduling/demand.ts'
import type { Scheduler } from './simulate.ts'
import type { SimulatedEnvironment } from './simulated-environment.ts'
import type { SimulatedQueue, Started } from './simulated-queue.ts'
import type { TraceJob } from './trace-job.ts'

/** Where a job is. `queue`: undefined for what runs for a queue that is not simulated. */
type Running = { environment: SimulatedEnvironment; queue: SimulatedQueue | undefined }

/**
 * Longshore itself in virtual time: queues, by descending priority, that have their jobs placed by environments which they
 * may share. `queueOf`: whose a job is.
 */
export class Longshore implements Scheduler {
  private readonly queues: readonly SimulatedQueue[]
  private readonly queueOf: (job: TraceJob) => SimulatedQueue
  private readonly started: (started: Started, now: number) => void
  private readonly running = new Map<TraceJob, Running>()

  /** `started` hears of every job that starts. */
  constructor(
    queues: readonly SimulatedQueue[],
    queueOf: (job: TraceJob) => SimulatedQueue,
    started: (started: Started, now: number) => void = () => undefined,
  ) {
    this.queues = queues.toSorted((a, b) => b.priority - a.priority || a.number - b.number)
    this.queueOf = queueOf
    this.started = started
  }

  submit(job: TraceJob): void {
    this.queueOf(job).submit(job)
  }

  /** The job runs already. `grants` and `endsBy` as in `SimulatedEnvironment.resume`. */
  resume(job: TraceJob, running: Running, grants: readonly Grant[], endsBy: number, now: number): void {
    running.environment.resume(job, grants, endsBy)
    running.queue?.hold(job, now)
    this.running.set(job, running)
  }

  end(job: TraceJob, now: number): void {
    const running = this.running.get(job)!
    this.running.delete(job)
    running.environment.ended(job)
    running.queue?.release(job, now)
  }

  pass(now: number): TraceJob[] {
    return this.queues.flatMap((queue) => {
      const started = queue.pass(now)
      for (const one of started) {
        this.running.set(one.job, { environment: one.environment, queue })
        this.started(one, now)
      }
      return started.map(({ job }) => job)
    })
  }

  /** Nothing waits. */
  get isIdle(): boolean {
    return this.queues.every(({ isIdle }) => isIdle)
  }
}
