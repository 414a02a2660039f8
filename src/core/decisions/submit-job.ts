import { reasons } from '../lifecycle/job-lifecycle.ts'
import { limits } from '../limits.ts'
import { missingParameter } from '../model/effective-container.ts'
import { nodeShape } from '../model/effective-nodes.ts'
import { unresolvedReference } from '../model/effective-task.ts'
import { IndexSet } from '../model/index-set.ts'
import type { JobRequest } from '../model/job.ts'
import type { JobDefinition, JobDefinitionBody } from '../model/job-definition.ts'
import type { ArrayShape, Dependency, Job } from '../model/job-record.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'
import type { QueueConfig } from '../model/queue.ts'
import { taskTags } from '../model/tags.ts'
import { isPod } from '../model/unmet-needs.ts'
import { refuseNodes } from './refuse-nodes.ts'
import { refuseOverrides } from './refuse-overrides.ts'
import {
  type ArrayOutline,
  type DependencyPlan,
  type KnownDependency,
  planDependencies,
  refuseDependencies,
} from './submit-dependencies.ts'

export type SubmitContext = {
  queue: QueueConfig
  definition: JobDefinition | undefined
  /** The definition as the client named it. */
  definitionName: string
  /** One per entry of `request.dependsOn` that names a job, in that order. */
  dependencies: KnownDependency[]
  /** An array's indexes, where they are not given as the request's text. */
  indexes?: IndexSet
  seq: number
  /** The definition snapshot's number in the queue. */
  definitionNumber: number
  /** The job's share is not active, and as many are as may be. */
  tooManyShares?: boolean
  /** Consumable resources that the job names and nobody has made. */
  unknownConsumables?: string[]
  now: number
}

/** A new job, but for its share's number; what to store beside it, and why it must end before it has begun, if so. */
export type SubmittedDraft = { job: Job; edges: Dependency[]; indexes?: IndexSet; failure?: string }

/** Checks what only the queue can check and draws up the job. Refusals carry AWS's texts where they are known. */
export function decideSubmit(request: JobRequest, context: SubmitContext): Outcome<SubmittedDraft> {
  const refusal = refuse(request, context)
  if (refusal !== undefined) return refused(refusal)
  const indexes = indexesOf(request, context.indexes)
  if (!indexes.ok) return indexes
  const outline = outlineOf(request, indexes.value)
  const refusedDependency = refuseDependencies(request, context.dependencies, outline)
  if (refusedDependency !== undefined) return refused(refusedDependency)

  const { seq, now } = context
  const definition = context.definition!
  const plan = planDependencies(request, context.dependencies, seq, context.queue.number)
  const unmet = plan.edges.filter((edge) => edge.kind === 'whole').length
  const nodes = nodeShape(definition.body, request)
  const array = arrayShape(request, indexes.value, plan)
  const state = array || unmet > 0 ? 'PENDING' : 'RUNNABLE'
  const failure = unfitToRun(definition.body, request) ?? plan.failure
  const job: Job = {
    seq,
    createdAt: now,
    definition: context.definitionNumber,
    request,
    share: 0,
    priority: request.schedulingPriorityOverride ?? definition.body.schedulingPriority ?? 0,
    front: false,
    unmet,
    progress: { state, attempts: [] },
    ...(array ? { array } : {}),
    ...(nodes ? { nodes } : {}),
    ready: unmet === 0,
  }
  return accepted({
    job,
    edges: plan.edges,
    ...(indexes.value ? { indexes: indexes.value } : {}),
    ...(failure === undefined ? {} : { failure }),
  })
}

/** Why a job that is accepted can never run, as AWS finds out only when it starts it. */
function unfitToRun(body: JobDefinitionBody, request: JobRequest): string | undefined {
  if (overridesLength(request) > limits.containerOverridesLength) return reasons.overridesTooLong
  return Object.keys(taskTags(body, request)).length > limits.tagsPerResource
    ? reasons.tooManyTags
    : undefined
}

/** Size and indexes of an array, for comparing it with another. */
export function arrayOutline(size: number, indexes: IndexSet | undefined): ArrayOutline {
  return { size, digest: (indexes ?? IndexSet.dense(size)).digest() }
}

function refuse(request: JobRequest, context: SubmitContext): string | undefined {
  const { queue, definition } = context
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
  else if (context.tooManyShares)
    return `shareIdentifier: the job queue has ${limits.activeShares} active share identifiers, the most there may be`
  const capabilities = isPod(definition.body) ? ['EKS'] : (definition.body.platformCapabilities ?? ['EC2'])
  if (!capabilities.includes(queue.capability ?? 'EC2'))
    return `Job Queue is attached to Compute Environment that can not run Jobs with capability ${capabilities[0]}.`
  const nodeRefusal = refuseNodes(request, definition)
  if (nodeRefusal !== undefined) return nodeRefusal
  const unfit = refuseOverrides(definition.body, request)
  if (unfit !== undefined) return unfit
  const reference = unresolvedReference(definition.body, request)
  if (reference !== undefined) return missingParameter(reference)
  const [unknown] = context.unknownConsumables ?? []
  if (unknown !== undefined) return `Consumable resource ${unknown} does not exist`
  return undefined
}

/** The indexes of a sparse array; undefined for a dense one and for a single job. */
function indexesOf(request: JobRequest, given: IndexSet | undefined): Outcome<IndexSet | undefined> {
  const { size, indexes: text, maxConcurrency } = request.arrayProperties ?? {}
  if (size === undefined) {
    if (text !== undefined) return refused('arrayProperties.size: required with indexes')
    if (maxConcurrency !== undefined) return refused('arrayProperties.size: required with maxConcurrency')
    return accepted(undefined)
  }
  if (given) return accepted(given)
  if (text === undefined) return accepted(undefined)
  const parsed = IndexSet.parse(text, size)
  if (!parsed.ok) return refused(`arrayProperties.indexes: ${parsed.refusal.message}`)
  return accepted(parsed.value.isDense(size) ? undefined : parsed.value)
}

function outlineOf(request: JobRequest, indexes: IndexSet | undefined): ArrayOutline | undefined {
  const size = request.arrayProperties?.size
  return size === undefined ? undefined : arrayOutline(size, indexes)
}

function arrayShape(
  request: JobRequest,
  indexes: IndexSet | undefined,
  plan: DependencyPlan,
): ArrayShape | undefined {
  const { size, maxConcurrency } = request.arrayProperties ?? {}
  if (size === undefined) return undefined
  return {
    size: indexes?.count ?? size,
    ...(indexes ? { sparseSize: size } : {}),
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    sequential: (request.dependsOn ?? []).some((entry) => entry.type === 'SEQUENTIAL'),
    nToN: plan.nToN,
    ...(plan.foreignNToN.length > 0 ? { foreignNToN: plan.foreignNToN } : {}),
  }
}

/** What a provider counts of the overrides, less the command. */
function overridesLength(request: JobRequest): number {
  const { command: _, ...others } = request.containerOverrides ?? {}
  return JSON.stringify(others).length
}
