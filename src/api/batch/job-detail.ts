import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import type { AttemptView, JobView } from '../../core/model/job.ts'
import type { ContainerProperties } from '../../core/model/job-definition.ts'
import { attemptTask, ecsDetail, taskArns } from './task-detail.ts'

/** The API's JobDetail. Empty lists are there as `[]`; `exitCode` is absent when nothing ran. */
export function jobDetail(deployment: Deployment, view: JobView): object {
  return {
    ...identity(deployment, view),
    jobQueue: batchArn(deployment, `job-queue/${view.queue}`),
    ...pick(view, [
      'schedulingPriority',
      'timeout',
      'propagateTags',
      'consumableResourceProperties',
      'placementConstraints',
    ]),
    retryStrategy: { attempts: 1, evaluateOnExit: [], ...view.retryStrategy },
    dependsOn: view.dependsOn,
    parameters: view.parameters,
    tags: view.tags,
    platformCapabilities: view.platformCapabilities ?? [],
    attempts: view.attempts.map((attempt) => attemptDetail(deployment, attempt)),
    ...workDetail(deployment, view),
    ...(view.array ? { arrayProperties: arrayDetail(view.array) } : {}),
    ...nodesDetail(view.nodes),
  }
}

/** The API's JobSummary, as ListJobs has it. */
export function jobSummary(deployment: Deployment, view: JobView): object {
  return {
    ...identity(deployment, view),
    capacityUsage: [{ capacityUnit: view.eksProperties ? 'cpu' : 'VCPU', quantity: view.vcpus }],
    container: hasTask(view) && view.latestAttempt ? pick(view.latestAttempt, ['exitCode', 'reason']) : {},
    ...(view.array ? { arrayProperties: summaryArray(view.array) } : {}),
    ...(view.nodes ? { nodeProperties: summaryNodes(view.nodes) } : {}),
  }
}

function identity(deployment: Deployment, view: JobView): object {
  const { name, revision } = view.definition
  return {
    jobArn: batchArn(deployment, `job/${view.jobId}`),
    jobId: view.jobId,
    jobName: view.jobName,
    jobDefinition: batchArn(deployment, `job-definition/${name}:${revision}`),
    status: view.state,
    ...pick(view, ['statusReason', 'createdAt', 'startedAt', 'stoppedAt', 'shareIdentifier']),
    ...(view.isCancelled ? { isCancelled: true } : {}),
    ...(view.isTerminated ? { isTerminated: true } : {}),
  }
}

/** The lists that a described container always has. */
const emptyContainer = {
  command: [],
  environment: [],
  mountPoints: [],
  resourceRequirements: [],
  secrets: [],
  ulimits: [],
  volumes: [],
}

/** What the job runs, in the form in which it was defined. */
function workDetail(deployment: Deployment, view: JobView): object {
  const { ecsProperties, eksProperties, runtime } = view
  if (isGang(view)) return {}
  if (eksProperties) return { eksProperties, eksAttempts: [] }
  if (!ecsProperties) return { container: containerDetail(deployment, view) }
  const latest = hasTask(view) ? view.latestAttempt : undefined
  const ignored = (platform?: ContainerProperties['runtimePlatform']) =>
    runtime === 'process' ? ignoredImage(platform) : {}
  // The API has an empty object here for a job of several containers.
  return { container: {}, ecsProperties: ecsDetail(deployment, ecsProperties, latest, ignored) }
}

function containerDetail(deployment: Deployment, view: JobView): object {
  return {
    ...emptyContainer,
    ...view.container,
    ...taskDetail(deployment, hasTask(view) ? view.latestAttempt : undefined),
    ...(view.runtime === 'process' ? ignoredImage(view.container.runtimePlatform) : {}),
  }
}

/**
 * Tells that the image was not used. `longshore` says it to programs, but AWS SDKs drop members they do not know, so
 * it is also said where each of them keeps a free text that nothing acts upon: the operating system of the platform,
 * which AWS itself only fills for Fargate.
 */
function ignoredImage(platform: ContainerProperties['runtimePlatform']): object {
  return {
    longshore: { runtime: 'process', imageIgnored: true },
    runtimePlatform: {
      ...platform,
      operatingSystemFamily: 'LINUX (plain process on the host: image ignored)',
    },
  }
}

function attemptDetail(deployment: Deployment, attempt: AttemptView): object {
  return {
    ...(attempt.containers
      ? { taskProperties: [attemptTask(deployment, attempt, attempt.containers)] }
      : { container: taskDetail(deployment, attempt) }),
    ...pick(attempt, ['startedAt', 'stoppedAt', 'statusReason']),
  }
}

/** A job that waits, for its first try or the next, has no task. */
function hasTask(view: JobView): boolean {
  return !['SUBMITTED', 'PENDING', 'RUNNABLE'].includes(view.state)
}

/** What a try adds to its container. Before the first placement there is no task, and so no ARN and no log. */
function taskDetail(deployment: Deployment, attempt: AttemptView | undefined): object {
  if (!attempt) return { networkInterfaces: [] }
  const { environment, logStreamName, privateIpv4Address } = attempt
  return {
    ...taskArns(deployment, attempt),
    ...(environment === undefined ? {} : { logStreamName }),
    ...pick(attempt, ['exitCode', 'reason']),
    networkInterfaces: privateIpv4Address === undefined ? [] : [{ privateIpv4Address }],
  }
}

type NodesView = NonNullable<JobView['nodes']>

/** Whether it is a multi-node parallel job as a whole, which has no container of its own. */
function isGang({ nodes }: JobView): boolean {
  return nodes !== undefined && 'properties' in nodes
}

function nodesDetail(nodes: NodesView | undefined): object {
  if (!nodes) return {}
  if (!('properties' in nodes)) return { nodeDetails: { nodeIndex: nodes.index, isMainNode: nodes.isMain } }
  const { nodeRangeProperties, ...properties } = nodes.properties
  const ranges = nodeRangeProperties.map(({ container, ...range }) => ({
    ...range,
    ...(container ? { container: { ...emptyContainer, ...container } } : {}),
  }))
  return { nodeProperties: { ...properties, nodeRangeProperties: ranges } }
}

function summaryNodes(nodes: NodesView): object {
  if ('properties' in nodes) return { numNodes: nodes.properties.numNodes }
  return { isMainNode: nodes.isMain, numNodes: nodes.count, nodeIndex: nodes.index }
}

type ArrayView = NonNullable<JobView['array']>

function arrayDetail(array: ArrayView): object {
  if ('index' in array) return { index: array.index, statusSummary: {} }
  return { ...summaryArray(array), ...pick(array, ['indexes', 'maxConcurrency']) }
}

function summaryArray(array: ArrayView): object {
  if ('index' in array) return { index: array.index }
  return {
    size: array.size,
    statusSummary: array.summary,
    statusSummaryLastUpdatedAt: array.summaryUpdatedAt,
  }
}

/** The named members of `from` that are there. */
function pick<From extends object, Key extends keyof From>(from: From, keys: Key[]): Partial<From> {
  const picked: Partial<From> = {}
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key]
  return picked
}
