import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { parseAttemptId } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { PlacedAttempt } from '../environment/environment-rpc.ts'
import type { QueueState } from './queue-state.ts'

/**
 * Takes over a placement that has not reported a start: just made, or found when a session opened. A report may have
 * overtaken the word of it: only a job still waiting for this attempt becomes STARTING.
 */
export function adoptPlacement(state: QueueState, environment: number, held: PlacedAttempt): void {
  const { attemptId, instanceId, runtime } = held
  const key = parseAttemptId(attemptId, state.deployment.salt)
  if (key?.queue !== state.config.number) return
  const where = { environment, instanceId, runtime }
  const job = state.loadJob(key.seq)
  if (!job || isTerminal(job.progress.state)) return
  if (key.node !== undefined && key.node !== job.nodes?.main) {
    if (attemptNumber(job.progress) === key.attempt) state.hold(attemptId, key, where)
    return
  }
  const progress = key.index === undefined ? job.progress : state.childProgress(job, key.index)
  if (progress.state !== 'RUNNABLE' || attemptNumber(progress) !== key.attempt) return
  state.hold(attemptId, key, where)
  if (key.index !== undefined) state.mirror(job).children.set(key.index, 'STARTING')
}
