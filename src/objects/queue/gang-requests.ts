import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import { attemptEnvironment } from '../../core/model/attempt-environment.ts'
import { formatAttemptId, formatJobId } from '../../core/model/ids.ts'
import { imagesOf } from '../../core/model/image-reference.ts'
import type { Job } from '../../core/model/job-record.ts'
import { nodeSpecs, type TaskSpec } from '../../core/model/task-spec.ts'
import type { NodeAsk, StartNodes } from '../environment/environment-rpc.ts'
import type { NodeAttempts } from './queue-ledger.ts'
import type { QueueState } from './queue-state.ts'

/** What a multi-node parallel job's next attempt asks for: its main node's spec, and the room for the others. */
export function gangAsk(state: QueueState, job: Job): { spec: TaskSpec; nodes: NodeAsk[] } {
  const { specs, kindOf } = specsOf(state, job)
  const images = specs.map(imagesOf)
  const { count, main } = job.nodes!
  const nodes: NodeAsk[] = []
  for (let node = 0; node < count; node++)
    if (node !== main) {
      const kind = kindOf[node]!
      const { resources, constraints } = specs[kind]!
      const attemptId = nodeAttemptId(state, job.seq, node, attemptNumber(job.progress))
      nodes.push({ attemptId, resources, images: images[kind]!, ...(constraints ? { constraints } : {}) })
    }
  return { spec: specs[kindOf[main]!]!, nodes }
}

/** The request to start nodes now, or undefined when their main node runs no more: then they are stopped instead. */
export function startRequest(
  state: QueueState,
  environmentName: string,
  { seq, attempt, nodes }: NodeAttempts,
): StartNodes | undefined {
  const job = state.loadJob(seq)
  if (!job?.nodes || job.progress.state !== 'RUNNING' || attemptNumber(job.progress) !== attempt)
    return undefined
  const { specs, kindOf } = specsOf(state, job)
  const { deployment, config } = state
  return {
    main: nodeAttemptId(state, seq, job.nodes.main, attempt),
    specs,
    nodes: nodes.map((node) => ({
      attemptId: nodeAttemptId(state, seq, node, attempt),
      spec: kindOf[node]!,
      environment: attemptEnvironment({
        jobId: formatJobId({ queue: config.number, shard: 0, seq, node }, deployment.salt),
        attempt,
        queueName: config.name,
        environmentName,
        nodes: { ...job.nodes!, index: node },
      }),
    })),
  }
}

export function nodeAttemptId(state: QueueState, seq: number, node: number, attempt: number): string {
  return formatAttemptId({ queue: state.config.number, seq, node, attempt }, state.deployment.salt)
}

/** Containers of nodes use their hosts' network: the address that the others are told is the host's. */
function specsOf(state: QueueState, job: Job): { specs: TaskSpec[]; kindOf: number[] } {
  const { specs, kindOf } = nodeSpecs(state.jobs.definition(job.definition), job.request)
  const onHosts = specs.map((spec) => ({
    ...spec,
    containers: spec.containers.map((one) => ({ ...one, hostNetwork: true })),
  }))
  return { specs: onHosts, kindOf }
}
