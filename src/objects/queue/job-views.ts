import { present } from '../../core/assert.ts'
import { attemptNumber } from '../../core/lifecycle/job-lifecycle.ts'
import type { ContainerResult } from '../../core/model/attempt.ts'
import { effectiveConsumables } from '../../core/model/consumable-needs.ts'
import { effectivePlacement } from '../../core/model/effective-constraints.ts'
import { effectiveParameters } from '../../core/model/effective-container.ts'
import { effectiveNodeProperties, jobOfNode, type NodeJob } from '../../core/model/effective-nodes.ts'
import { effectivePod } from '../../core/model/effective-pod.ts'
import { effectiveJobTask } from '../../core/model/effective-task.ts'
import { type AttemptKey, formatAttemptId, formatJobId, type JobTarget } from '../../core/model/ids.ts'
import { type AttemptView, isTerminal, type JobView } from '../../core/model/job.ts'
import type { JobDefinition, LogConfiguration } from '../../core/model/job-definition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { jobVcpus } from '../../core/model/job-vcpus.ts'
import type { EndedAttempt, Progress, Where } from '../../core/model/progress.ts'
import { containerNameOf, defaultContainerName, taskContainers } from '../../core/model/task-containers.ts'
import { logStreamPrefix } from '../../core/model/task-spec.ts'
import type { QueueState } from './queue-state.ts'
import type { WaitReason } from './wait-text.ts'

/** What a client may know of a job, or of the child or node of it that it names; undefined where it has no such. */
export function viewTarget(
  state: QueueState,
  job: Job,
  named: JobTarget,
  waitReason: WaitReason,
): JobView | undefined {
  const target = state.locate(named, job)
  if (!target) return undefined
  if (target.node !== undefined) return viewNode(state, job, target.node, waitReason)
  if (target.index !== undefined) return viewChild(state, job, target.index, waitReason)
  const view = viewJob(state, job, waitReason)
  // Too long for lists.
  const indexes = state.indexes.of(job)
  if (indexes && view.array && 'size' in view.array) view.array.indexes = indexes.text()
  return view
}

/** The same for a whole job, without the indexes of a sparse array. */
export function viewJob(state: QueueState, job: Job, waitReason: WaitReason): JobView {
  const view = job.nodes ? viewGang(state, job) : baseView(state, job, job.progress)
  if (job.array) {
    const { children, updatedAt } = state.mirror(job)
    const { size, sparseSize, maxConcurrency } = job.array
    view.array = {
      size: sparseSize ?? size,
      summary: children.summary(),
      summaryUpdatedAt: updatedAt,
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    }
  }
  const waits =
    view.array && 'summary' in view.array ? view.array.summary.RUNNABLE > 0 : view.state === 'RUNNABLE'
  return waits ? withReason(view, waitReason(job)) : view
}

/** The same for one child of an array. */
export function viewChild(state: QueueState, parent: Job, position: number, waitReason: WaitReason): JobView {
  const progress = state.childProgress(parent, position)
  const view = baseView(state, parent, progress, { index: position })
  view.dependsOn = []
  view.tags = {}
  view.array = { index: state.indexes.indexAt(parent, position) }
  return progress.state === 'RUNNABLE' ? withReason(view, waitReason(parent)) : view
}

/** The same for one node of a multi-node parallel job. */
export function viewNode(state: QueueState, job: Job, node: number, waitReason: WaitReason): JobView {
  const progress = state.nodeProgress(job, node)
  const view = baseView(
    state,
    job,
    progress,
    { node },
    jobOfNode(definitionOf(state, job), job.request, node),
  )
  const { count, main } = present(job.nodes, 'nodes')
  view.dependsOn = []
  view.tags = {}
  view.nodes = { index: node, count, isMain: node === main }
  return progress.state === 'RUNNABLE' ? withReason(view, waitReason(job)) : view
}

function withReason(view: JobView, waitReason: string | undefined): JobView {
  return waitReason === undefined ? view : { ...view, statusReason: waitReason }
}

/** A multi-node parallel job: its attempts are its main node's. */
function viewGang(state: QueueState, job: Job): JobView {
  const definition = definitionOf(state, job)
  const { main } = present(job.nodes, 'nodes')
  const view = baseView(state, job, job.progress, { node: main }, jobOfNode(definition, job.request, main))
  const properties = effectiveNodeProperties(definition, job.request, (node) => {
    const { containerProperties, ecsProperties } = effectiveJobTask(node.definition.body, node.request)
    return ecsProperties ? { ecsProperties } : { container: containerProperties ?? {} }
  })
  const key = { queue: state.config.number, shard: 0, seq: job.seq }
  const vcpus = jobVcpus(definition, job.request)
  return { ...view, jobId: formatJobId(key, state.deployment.salt), vcpus, nodes: { properties } }
}

function definitionOf(state: QueueState, job: Job): JobDefinition {
  return state.jobs.definition(job.definition)
}

/** `task`: the job of one task that says what ran, where that is not the job itself. */
function baseView(
  state: QueueState,
  job: Job,
  progress: Progress,
  part: { index?: number; node?: number } = {},
  task: NodeJob = { definition: definitionOf(state, job), request: job.request },
): JobView {
  const { config, deployment } = state
  const definition = definitionOf(state, job)
  const { body } = definition
  const { request } = job
  const key = { queue: config.number, shard: 0, seq: job.seq, ...part }
  const shown = part.index === undefined ? key : { ...key, index: state.indexes.indexAt(job, part.index) }
  const attempts = progress.attempts.map((attempt, i) =>
    viewAttempt(state, task.definition, { ...key, attempt: i + 1 }, attempt),
  )
  const current =
    progress.current &&
    viewAttempt(state, task.definition, { ...key, attempt: attemptNumber(progress) }, progress.current)
  const latest = current ?? attempts.at(-1)
  const timeout = request.timeout ?? body.timeout
  const hasPriority = (request.schedulingPriorityOverride ?? body.schedulingPriority) !== undefined
  const startedAt = latest?.startedAt
  const consumables = effectiveConsumables(deployment, body, request)
  const placement = effectivePlacement(body, request)
  return {
    jobId: formatJobId(shown, deployment.salt),
    jobName: request.jobName,
    queue: config.name,
    definition: { name: definition.name, revision: definition.revision },
    state: progress.state,
    vcpus: jobVcpus(task.definition, task.request),
    ...(progress.statusReason !== undefined ? { statusReason: progress.statusReason } : {}),
    createdAt: job.createdAt,
    ...(startedAt !== undefined && (current || isTerminal(progress.state)) ? { startedAt } : {}),
    ...(progress.stoppedAt !== undefined ? { stoppedAt: progress.stoppedAt } : {}),
    ...(request.shareIdentifier !== undefined ? { shareIdentifier: request.shareIdentifier } : {}),
    ...(hasPriority ? { schedulingPriority: job.priority } : {}),
    attempts,
    ...(latest ? { latestAttempt: latest } : {}),
    retryStrategy: request.retryStrategy ?? body.retryStrategy ?? { attempts: 1 },
    ...(timeout ? { timeout } : {}),
    dependsOn: request.dependsOn ?? [],
    parameters: effectiveParameters(body, request),
    tags: request.tags ?? {},
    ...propagation(request.propagateTags ?? body.propagateTags),
    ...(body.platformCapabilities ? { platformCapabilities: body.platformCapabilities } : {}),
    ...(consumables ? { consumableResourceProperties: consumables } : {}),
    ...(placement ? { placementConstraints: placement } : {}),
    ...viewTask(task),
    ...((progress.current ?? progress.attempts.at(-1))?.runtime === 'process' ? { runtime: 'process' } : {}),
    ...(progress.stop?.kind === 'cancel' ? { isCancelled: true } : {}),
    ...(progress.stop?.kind === 'terminate' ? { isTerminated: true } : {}),
  }
}

/** What runs, in the form in which it was defined. */
function viewTask({
  definition: { body },
  request,
}: NodeJob): Pick<JobView, 'container' | 'ecsProperties' | 'eksProperties'> {
  if (body.eksProperties)
    return { container: {}, eksProperties: effectivePod(body.eksProperties, request.eksPropertiesOverride) }
  const { containerProperties = {}, ecsProperties } = effectiveJobTask(body, request)
  return { container: containerProperties, ...(ecsProperties ? { ecsProperties } : {}) }
}

function propagation(propagateTags: boolean | undefined): { propagateTags?: boolean } {
  return propagateTags === undefined ? {} : { propagateTags }
}

function viewAttempt(
  state: QueueState,
  definition: JobDefinition,
  key: AttemptKey,
  attempt: Where & Partial<EndedAttempt>,
): AttemptView {
  const attemptId = formatAttemptId(key, state.deployment.salt)
  return {
    attemptId,
    environment: state.environmentName(attempt.environment),
    instanceId: attempt.instanceId,
    ...(attempt.startedAt !== undefined ? { startedAt: attempt.startedAt } : {}),
    ...(attempt.stoppedAt !== undefined ? { stoppedAt: attempt.stoppedAt } : {}),
    ...(attempt.exitCode !== undefined ? { exitCode: attempt.exitCode } : {}),
    ...(attempt.reason !== undefined ? { reason: attempt.reason } : {}),
    ...(attempt.statusReason !== undefined ? { statusReason: attempt.statusReason } : {}),
    ...(attempt.privateIpv4Address !== undefined ? { privateIpv4Address: attempt.privateIpv4Address } : {}),
    ...viewContainers(definition, attemptId, attempt),
  }
}

/** The log streams of an attempt, and what became of each container of a task that `ecsProperties` describes. */
function viewContainers(
  { name, body }: JobDefinition,
  attemptId: string,
  attempt: Partial<EndedAttempt>,
): Pick<AttemptView, 'logStreamName' | 'containers'> {
  const streamOf = (containerName: string, logConfiguration?: LogConfiguration) =>
    `${logStreamPrefix(name, containerName, logConfiguration)}/${attemptId}`
  const containers = taskContainers(body.ecsProperties ?? {}).map((container, index) => {
    const containerName = containerNameOf(container)
    return {
      name: containerName,
      logStreamName: streamOf(containerName, container.logConfiguration),
      ...attempt.containers?.[index],
    }
  })
  const [first] = containers
  if (!first)
    return { logStreamName: streamOf(defaultContainerName, body.containerProperties?.logConfiguration) }
  // What became of a single container is what became of the attempt.
  if (containers.length === 1) Object.assign(first, resultOf(attempt))
  return { logStreamName: first.logStreamName, containers }
}

function resultOf({ exitCode, reason }: Partial<EndedAttempt>): ContainerResult {
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  }
}
