import type { JobTarget } from '../../core/model/ids.ts'
import type { JobView } from '../../core/model/job.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { listConsumers } from './consumer-list.ts'
import type { Turn } from './job-scan.ts'
import { viewTarget } from './job-views.ts'
import { listJobs, type PageMaking } from './queue-list.ts'
import type {
  ConsumerPage,
  JobPage,
  ListConsumers,
  ListJobs,
  QueueSnapshot,
  SearchJobs,
} from './queue-rpc.ts'
import { searchJobs } from './queue-search.ts'
import { queueSnapshot } from './queue-snapshot.ts'
import type { QueueState } from './queue-state.ts'
import type { WaitReason } from './wait-text.ts'

/** What a queue that is open tells of its jobs; changes nothing. */
export class QueueReads implements PageMaking {
  private readonly state: QueueState
  /** Why a waiting job cannot be placed now, where there is a reason to tell. */
  readonly waitReason: WaitReason
  readonly turn: Turn

  constructor(state: QueueState, waitReason: WaitReason, turn: Turn) {
    this.state = state
    this.waitReason = waitReason
    this.turn = turn
  }

  describe(target: JobTarget): JobView | undefined {
    const job = this.state.loadJob(target.seq)
    return job && viewTarget(this.state, job, target, this.waitReason)
  }

  async list(query: ListJobs): Promise<Outcome<JobPage>> {
    return this.refusal(query.queue) ?? listJobs(this.state, query, this)
  }

  async search(query: SearchJobs): Promise<Outcome<JobPage>> {
    return this.refusal(query.queue) ?? searchJobs(this.state, query, this)
  }

  snapshot(named: string, now: number): Outcome<QueueSnapshot> {
    return this.refusal(named) ?? accepted(queueSnapshot(this.state, now))
  }

  consumers(query: ListConsumers): ConsumerPage {
    return listConsumers(this.state, query, this.waitReason)
  }

  /** A client's name for this queue may have come to mean another, or none. */
  refusal(named: string | undefined) {
    const { name, deleted } = this.state.config
    if (named === undefined || (!deleted && named === name)) return undefined
    return refused(`jobQueue: job queue ${named} does not exist`)
  }
}
