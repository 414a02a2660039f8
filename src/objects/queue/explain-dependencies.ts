import { limits } from '../../core/limits.ts'
import type { DependencyStanding } from '../../core/model/explanation.ts'
import { formatJobId, type JobTarget, parseJobId } from '../../core/model/ids.ts'
import { isTerminal, type JobDependency, type JobState } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'

/**
 * How the jobs stand that a job waits for or has waited for, whichever their queues; of a great many the first. Of a child
 * (`target.index`: its position) these are its array's, its counterparts, and the child before it.
 */
export async function dependencyStandings(
  ports: QueuePorts,
  state: QueueState,
  job: Job,
  target: JobTarget,
): Promise<DependencyStanding[]> {
  const awaited = awaitedJobs(state, job, target).slice(0, limits.explainedDependencies)
  const statuses = await statusesOf(
    ports,
    state,
    awaited.flatMap(({ jobId }) => jobId ?? []),
  )
  return awaited.map(({ jobId = '', type }) => {
    const status = statuses.get(jobId)
    return {
      jobId,
      ...(type === undefined ? {} : { type }),
      ...(status === undefined ? {} : { status }),
      met: isMet(type, status),
    }
  })
}

function awaitedJobs(state: QueueState, job: Job, { index }: JobTarget): JobDependency[] {
  const own = formatJobId({ queue: state.config.number, shard: 0, seq: job.seq }, state.deployment.salt)
  const named = job.request.dependsOn ?? []
  if (index === undefined) return named.filter(({ jobId }) => jobId !== undefined)
  const shown = (position: number) => state.indexes.indexAt(job, position)
  return named.flatMap((entry): JobDependency[] => {
    if (entry.type === 'SEQUENTIAL')
      return index === 0 ? [] : [{ ...entry, jobId: `${own}:${shown(index - 1)}` }]
    if (entry.type === 'N_TO_N') return [{ ...entry, jobId: `${entry.jobId}:${shown(index)}` }]
    return entry.jobId === undefined ? [] : [entry]
  })
}

/** One request to each other queue. What is not known any more is left out. */
async function statusesOf(
  ports: QueuePorts,
  { deployment }: QueueState,
  jobIds: string[],
): Promise<Map<string, JobState>> {
  const targets = jobIds.flatMap((jobId) => parseJobId(jobId, deployment.salt) ?? [])
  const statuses = new Map<string, JobState>()
  await Promise.all(
    [...Map.groupBy(targets, ({ queue }) => queue)].map(async ([queue, asked]) => {
      for (const view of await ports.queue(queue).describeJobs(asked))
        if (view) statuses.set(view.jobId, view.state)
    }),
  )
  return statuses
}

/** Only what has ended is ever forgotten, and what it ended as has been acted upon. */
function isMet(type: JobDependency['type'], status: JobState | undefined): boolean {
  if (status === undefined) return true
  if (type === 'AFTER_ANY') return isTerminal(status)
  return status === (type === 'AFTER_FAILURE' ? 'FAILED' : 'SUCCEEDED')
}
