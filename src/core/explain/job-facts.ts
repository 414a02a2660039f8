import type { DependencyStanding, EnvironmentStanding, OrderStanding } from '../model/explanation.ts'
import type { JobView } from '../model/job.ts'

/** What is known of a job when it is asked about: the very facts that its next tick decides by. */
export type JobFacts = {
  view: JobView
  /** Of its job as a whole, of a child its counterparts too. */
  dependencies: readonly DependencyStanding[]
  /** Its queue's reason for why it, or every job, cannot be placed now (`CODE - text`). */
  waitReason?: string
  /** Of a job that may be placed: absent while dependencies are in the way. */
  order?: OrderStanding
  /** In the order in which the queue asks them. */
  environments: readonly EnvironmentStanding[]
  /** Jobs of the queue that were started in the minutes before, as its memory has it. */
  recentStarts?: { count: number; minutes: number }
  /** Epoch ms. */
  now: number
}
