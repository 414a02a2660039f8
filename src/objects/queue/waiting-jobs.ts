import type { Job } from '../../core/model/job-record.ts'
import type { QueueState } from './queue-state.ts'

const jobsAtOnce = 100

/** Jobs that wait to be placed in the order in which they will be, arrays with a child that does among them. */
export function* waitingJobs(state: QueueState): Generator<Job> {
  let page = state.jobs.readyJobs(undefined, jobsAtOnce)
  while (page.length > 0) {
    for (const row of page) {
      const job = state.withPlacement(row)
      const waits = job.array ? hasStartableChild(state, job) : job.progress.state === 'RUNNABLE'
      if (waits) yield job
    }
    if (page.length < jobsAtOnce) return
    page = state.jobs.readyJobs(page.at(-1), jobsAtOnce)
  }
}

function hasStartableChild(state: QueueState, job: Job): boolean {
  for (const _ of state.mirror(job).children.startable()) return true
  return false
}
