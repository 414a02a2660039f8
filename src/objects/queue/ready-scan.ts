import type { Job } from '../../core/model/job-record.ts'
import type { OrderKey, QueueStore } from './queue-store.ts'

/**
 * Walks the queue's order without starting over: jobs that have been placed but have not reported a start still
 * stand in it, and a tick must not wade through them again.
 */
export class ReadyScan {
  private readonly store: QueueStore
  private passed: OrderKey | undefined

  constructor(store: QueueStore) {
    this.store = store
  }

  /** The next jobs in order. They stay next until `pass` says that they need no more looking at. */
  next(limit: number, after: OrderKey | undefined = this.passed): Job[] {
    return this.store.readyJobs(after, limit)
  }

  /** Everything up to and including this job is placed or set aside. */
  pass(job: OrderKey): void {
    this.passed = { priority: job.priority, front: job.front, seq: job.seq }
  }

  /** A job has become ready (again): if it stands before the point reached, the walk goes back to just before it. */
  reconsider(job: OrderKey): void {
    if (!this.passed || compareOrder(job, this.passed) > 0) return
    this.passed = undefined
  }

  restart(): void {
    this.passed = undefined
  }
}

/** Negative when `a` stands before `b`: higher priority, then retried before new, then age. */
export function compareOrder(a: OrderKey, b: OrderKey): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.front !== b.front) return a.front ? -1 : 1
  return a.seq - b.seq
}
