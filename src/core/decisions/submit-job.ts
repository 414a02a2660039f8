import { limits } from '../limits.ts'
import { missingParameter } from '../model/effective-container.ts'
import { nodeShape } from '../model/effective-nodes.ts'
import { unresolvedReference } from '../model/effective-task.ts'
import type { JobTarget } from '../model/ids.ts'
import type { JobRequest } from '../model/job.ts'
import type { JobDefinition } from '../model/job-definition.ts'
import type { ArrayShape, Dependency, Job } from '../model/job-record.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'
import type { QueueConfig } from '../model/queue.ts'
import { refuseNodes } from './refuse-nodes.ts'

/** A dependency's target as known when the job is submitted. `arraySize`: of an array's parent. */
export type KnownDependency = {
  text: string
  target: JobTarget | undefined
  state: 'unknown' | 'unfinished' | 'succeeded' | 'failed'
  arraySize?: number
}

export type SubmitContext = {
  queue: QueueConfig
  definition: JobDefinition | undefined
  /** The definition as the client named it. */
  definitionName: string
  /** One per entry of `request.dependsOn` that names a job, in that order. */
  dependencies: KnownDependency[]
  seq: number
  /** The definition snapshot's number in the queue. */
  definitionNumber: number
  /** Consumable resources that the job names and nobody has made. */
  unknownConsumables?: string[]
  now: number
}

/** A new job, the edges to store, and whether one of its dependencies has failed already. */
export type SubmittedDraft = { job: Job; edges: Dependency[]; dependencyFailed: boolean }

/** Checks what only the queue can check and draws up the job. Refusals carry AWS's texts where they are known. */
export function decideSubmit(request: JobRequest, context: SubmitContext): Outcome<SubmittedDraft> {
  const refusal = refuse(request, context)
  if (refusal !== undefined) return refused(refusal)
  const { dependencies, seq, now } = context
  const definition = context.definition!
  const edges = dependencyEdges(request, context)
  const unmet = edges.filter((edge) => edge.kind === 'whole').length
  const nodes = nodeShape(definition.body, request)
  const array = arrayShape(request, dependencies)
  const state = array || unmet > 0 ? 'PENDING' : 'RUNNABLE'
  const job: Job = {
    seq,
    createdAt: now,
    definition: context.definitionNumber,
    request,
    priority: request.schedulingPriorityOverride ?? definition.body.schedulingPriority ?? 0,
    front: false,
    unmet,
    progress: { state, attempts: [] },
    ...(array ? { array } : {}),
    ...(nodes ? { nodes } : {}),
    ready: unmet === 0,
  }
  const named = (request.dependsOn ?? []).filter((entry) => entry.jobId !== undefined)
  const dependencyFailed = dependencies.some(
    ({ state }, i) => state === 'failed' && named[i]?.type !== 'N_TO_N',
  )
  return accepted({ job, edges, dependencyFailed })
}

function refuse(request: JobRequest, context: SubmitContext): string | undefined {
  const { queue, definition, dependencies } = context
  if (queue.state !== 'ENABLED') return `Job queue ${queue.name} is DISABLED and takes no jobs`
  if (!definition) return `JobDefinition ${context.definitionName} does not exist`
  if (definition.status !== 'ACTIVE') return `JobDefinition ${context.definitionName} is not ACTIVE`
  if (!queue.schedulingPolicyArn) {
    if (request.shareIdentifier !== undefined)
      return 'shareIdentifier: the job queue has no fair-share scheduling policy'
    if (request.schedulingPriorityOverride !== undefined)
      return 'schedulingPriorityOverride: the job queue has no fair-share scheduling policy'
  } else if (!request.shareIdentifier)
    return 'shareIdentifier: required, the job queue has a fair-share scheduling policy'
  const capabilities = definition.body.platformCapabilities ?? ['EC2']
  if (!capabilities.includes(queue.capability ?? 'EC2'))
    return `Job Queue is attached to Compute Environment that can not run Jobs with capability ${capabilities[0]}.`
  const nodeRefusal = refuseNodes(request, definition)
  if (nodeRefusal !== undefined) return nodeRefusal
  const reference = unresolvedReference(definition.body, request)
  if (reference !== undefined) return missingParameter(reference)
  const [unknown] = context.unknownConsumables ?? []
  if (unknown !== undefined) return `Consumable resource ${unknown} does not exist`
  return refuseDependencies(request, dependencies, context.queue.number)
}

function refuseDependencies(
  request: JobRequest,
  dependencies: KnownDependency[],
  queue: number,
): string | undefined {
  const size = request.arrayProperties?.size
  const named = (request.dependsOn ?? []).filter((entry) => entry.jobId !== undefined)
  for (const entry of request.dependsOn ?? []) {
    if (entry.type !== undefined && size === undefined)
      return `dependsOn: type ${entry.type} is for array jobs only`
    if (entry.type === 'N_TO_N' && entry.jobId === undefined) return 'dependsOn: N_TO_N needs a jobId'
    if (entry.jobId === undefined && entry.type === undefined) return 'dependsOn: jobId or type is required'
  }
  for (const [i, known] of dependencies.entries()) {
    if (known.state === 'unknown' || !known.target) return `dependsOn: job ${known.text} does not exist`
    if (named[i]?.type !== 'N_TO_N') continue
    if (known.target.queue !== queue)
      return `dependsOn: N_TO_N on job ${known.text} of another queue is not supported yet`
    if (known.arraySize === undefined) return `dependsOn: job ${known.text} is not an array job`
    if (known.arraySize !== size)
      return `dependsOn: N_TO_N needs arrays of one size; job ${known.text} has ${known.arraySize} children, this one ${size}`
  }
  return undefined
}

/** Edges to what has not ended. An N_TO_N edge stays even to an ended array: its children's ends still decide. */
function dependencyEdges(request: JobRequest, context: SubmitContext): Dependency[] {
  const named = (request.dependsOn ?? []).filter((entry) => entry.jobId !== undefined)
  const edges: Dependency[] = []
  for (const [i, { target, state }] of context.dependencies.entries()) {
    if (!target || state !== 'unfinished') continue
    const kind = named[i]?.type === 'N_TO_N' ? 'children' : 'whole'
    const duplicate = edges.some(
      (edge) =>
        edge.kind === kind &&
        edge.queue === target.queue &&
        edge.seq === target.seq &&
        edge.index === target.index,
    )
    if (!duplicate)
      edges.push({
        waiter: context.seq,
        queue: target.queue,
        seq: target.seq,
        ...(target.index === undefined ? {} : { index: target.index }),
        kind,
      })
  }
  return edges
}

function arrayShape(request: JobRequest, dependencies: KnownDependency[]): ArrayShape | undefined {
  const size = request.arrayProperties?.size
  if (size === undefined || size < limits.arraySizeMin) return undefined
  const entries = request.dependsOn ?? []
  const named = entries.filter((entry) => entry.jobId !== undefined)
  const nToN = dependencies.filter((_, i) => named[i]?.type === 'N_TO_N').map(({ target }) => target!.seq)
  return { size, sequential: entries.some((entry) => entry.type === 'SEQUENTIAL'), nToN: [...new Set(nToN)] }
}
