import { attemptEnvironment } from '../../core/model/attempt-environment.ts'
import { type AttemptKey, formatJobId } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { TaskSpec } from '../../core/model/task-spec.ts'
import type { NodeAsk, PlaceRequest } from '../environment/environment-rpc.ts'
import type { QueueState } from './queue-state.ts'

/**
 * One attempt that may be placed now, or the main node's of a gang. `spec`: which of the request's specs it runs; `shape`:
 * what it has in common with those that find room or none alike.
 */
export type Candidate = {
  job: Job
  attemptId: string
  key: AttemptKey
  shape: string
  spec: number
  nodes?: NodeAsk[]
}

/** What an environment is asked to place: `candidates` in the queue's order. */
export function placeRequest(
  { config, deployment, indexes }: QueueState,
  environmentName: string,
  session: string,
  specs: TaskSpec[],
  candidates: Candidate[],
): PlaceRequest {
  return {
    queue: config.number,
    session,
    specs,
    asks: candidates.map(({ job, attemptId, key, spec, nodes }) => ({
      attemptId,
      spec,
      environment: attemptEnvironment({
        jobId: formatJobId(indexes.shownTarget(job, key), deployment.salt),
        attempt: key.attempt,
        queueName: config.name,
        environmentName,
        ...(job.nodes ? { nodes: { ...job.nodes, index: job.nodes.main } } : {}),
        ...(key.index === undefined ? {} : { array: indexes.placeOf(job, key.index) }),
      }),
      ...(nodes ? { nodes } : {}),
    })),
    ...(config.schedulingSettings?.preemption?.includes('LOWER_QUEUES') ? { preempts: true } : {}),
  }
}
