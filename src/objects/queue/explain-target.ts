import { explainJob } from '../../core/explain/explain-job.ts'
import type { Explanation } from '../../core/model/explanation.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import { dependencyStandings } from './explain-dependencies.ts'
import { environmentStandings } from './explain-environments.ts'
import { orderStanding } from './explain-order.ts'
import { viewTarget } from './job-views.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import type { WaitReason } from './wait-text.ts'

/** Explains a job from what the queue's next tick decides by; undefined where there is no such job. */
export async function explainTarget(
  ports: QueuePorts,
  state: QueueState,
  named: JobTarget,
  waitReason: WaitReason,
): Promise<Explanation | undefined> {
  const known = state.loadJob(named.seq)
  const target = known && state.locate(named, known)
  if (!target) return undefined
  const dependencies = await dependencyStandings(ports, state, known, target)
  const environments = mayBePlaced(state, known, target)
    ? await environmentStandings(ports, state, known, target)
    : []
  // It may have gone on while others were asked.
  const job = state.loadJob(target.seq)
  if (!job) return undefined
  const waits = mayBePlaced(state, job, target)
  const reason = waits ? waitReason(job) : undefined
  const view = viewTarget(state, job, named, () => reason)
  if (!view) return undefined
  const now = ports.clock.now()
  return explainJob({
    view,
    dependencies,
    ...(reason === undefined ? {} : { waitReason: reason }),
    ...(waits ? { order: orderStanding(state, job, now) } : {}),
    environments,
    recentStarts: state.allocations.starts.recent(now),
    now,
  })
}

/** Whether the next tick may place it, or a child of it. */
export function mayBePlaced(state: QueueState, job: Job, { index }: JobTarget): boolean {
  if (!job.ready || isTerminal(job.progress.state)) return false
  if (!job.array) return job.progress.state === 'RUNNABLE'
  if (index !== undefined) return state.childProgress(job, index).state === 'RUNNABLE'
  return state.mirror(job).children.summary().RUNNABLE > 0
}
