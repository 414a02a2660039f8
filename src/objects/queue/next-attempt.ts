import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { type AttemptKey, formatAttemptId } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { QueueState } from './queue-state.ts'

/** The attempt that a job asks for next: of an array that of the child at `index`, of a multi-node job its main node's. */
export function nextAttempt(
  state: QueueState,
  job: Job,
  index?: number,
): { key: AttemptKey; attemptId: string } {
  const progress = index === undefined ? job.progress : state.childProgress(job, index)
  const part = job.nodes ? { node: job.nodes.main } : index === undefined ? {} : { index }
  const key = { queue: state.config.number, seq: job.seq, ...part, attempt: attemptNumber(progress) }
  return { key, attemptId: formatAttemptId(key, state.deployment.salt) }
}
