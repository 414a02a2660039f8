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

  /** The job runs already: where, a grant for each node, since when, and until when by its bound. */
  resume(
    job: TraceJob,
    running: Running,
    run: { grants: readonly Grant[]; since: number; endsBy: number },
    now: number,
  ): void {
    const { environment, queue } = running
    const { grants, since, endsBy } = run
    environment.resume(job, { queue: queue?.number, priority: queue?.priority ?? 0, grants, since }, endsBy)
    queue?.hold(job, now)
    this.running.set(job, running)
  }

  end(job: TraceJob, now: number, isPreempted: boolean): void {
    const { environment, queue } = this.running.get(job)!
    this.running.delete(job)
    environment.ended(job)
    queue?.release(job, now, !isPreempted)
    if (isPreempted) queue?.submit(job, true)
  }

  takePreempted(): { job: TraceJob; by: number }[] {
    const environments = new Set(this.queues.flatMap((queue) => queue.environments))
    return [...environments].flatMap((environment) => environment.takePreempted())
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
