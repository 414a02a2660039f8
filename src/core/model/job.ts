import type { ContainerResult } from './attempt.ts'
import type { ConsumableProperties } from './consumable.ts'
import type {
  ContainerProperties,
  EcsProperties,
  EksProperties,
  JobTimeout,
  NameValue,
  NodeProperties,
  ResourceRequirement,
  RetryStrategy,
} from './job-definition.ts'
import type { PlacementConstraints } from './placement-constraints.ts'

/** The seven states of the Batch API. */
export const jobStates = [
  'SUBMITTED',
  'PENDING',
  'RUNNABLE',
  'STARTING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
] as const
export type JobState = (typeof jobStates)[number]
export type StatusSummary = Record<JobState, number>

export function isTerminal(state: JobState): state is 'SUCCEEDED' | 'FAILED' {
  return state === 'SUCCEEDED' || state === 'FAILED'
}

export function emptySummary(): StatusSummary {
  return { SUBMITTED: 0, PENDING: 0, RUNNABLE: 0, STARTING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0 }
}

/** `containerOverrides` of SubmitJob. */
export type ContainerOverrides = {
  command?: string[]
  environment?: NameValue[]
  resourceRequirements?: ResourceRequirement[]
  instanceType?: string
  /** Deprecated: whole vCPUs and MiB; never override a definition's resourceRequirements. */
  vcpus?: number
  memory?: number
}

/** One container of `ecsPropertiesOverride`; it is matched by name. */
export type TaskContainerOverrides = {
  name?: string
  command?: string[]
  environment?: NameValue[]
  resourceRequirements?: ResourceRequirement[]
}
export type EcsPropertiesOverride = { taskProperties?: { containers?: TaskContainerOverrides[] }[] }

/** `eksPropertiesOverride` of SubmitJob: containers are matched by name. */
export type EksPropertiesOverride = {
  podProperties?: Pick<
    NonNullable<EksProperties['podProperties']>,
    'containers' | 'initContainers' | 'metadata'
  >
}

/** What a job changes of its nodes (AWS Batch API, NodeOverrides). */
export type NodeOverrides = {
  numNodes?: number
  nodePropertyOverrides?: NodePropertyOverride[]
}
export type NodePropertyOverride = {
  targetNodes: string
  containerOverrides?: ContainerOverrides
  ecsPropertiesOverride?: EcsPropertiesOverride
  eksPropertiesOverride?: EksPropertiesOverride
  instanceTypes?: string[]
  consumableResourcePropertiesOverride?: ConsumableProperties
}

/**
 * `SEQUENTIAL` and `N_TO_N` are AWS's; without a type the job must succeed. Longshore's own: `AFTER_ANY` waits for any
 * end of it, `AFTER_FAILURE` runs only if it has FAILED.
 */
export type JobDependency = {
  jobId?: string
  type?: 'SEQUENTIAL' | 'N_TO_N' | 'AFTER_ANY' | 'AFTER_FAILURE'
  /** In a bulk submit, instead of a job id: the number of an earlier entry. Its job's id takes its place. */
  entry?: number
}

/** What a client asked for in SubmitJob, less the names of queue and definition. Kept as sent. */
export type JobRequest = {
  jobName: string
  shareIdentifier?: string
  schedulingPriorityOverride?: number
  /** `indexes`: the only ones that exist, such as `0-9,15`. `maxConcurrency`: children in STARTING and RUNNING at most. */
  arrayProperties?: { size?: number; indexes?: string; maxConcurrency?: number }
  dependsOn?: JobDependency[]
  parameters?: Record<string, string>
  containerOverrides?: ContainerOverrides
  ecsPropertiesOverride?: EcsPropertiesOverride
  eksPropertiesOverride?: EksPropertiesOverride
  nodeOverrides?: NodeOverrides
  retryStrategy?: RetryStrategy
  timeout?: JobTimeout
  propagateTags?: boolean
  tags?: Record<string, string>
  consumableResourcePropertiesOverride?: ConsumableProperties
  /** Longshore's own; in place of the definition's, member by member. */
  placementConstraints?: PlacementConstraints
}

/** One finished or running try, as DescribeJobs shows it. Times are epoch milliseconds. */
export type AttemptView = {
  attemptId: string
  /** Name of the compute environment and the instance id of the host it was placed on. */
  environment?: string
  instanceId?: string
  startedAt?: number
  stoppedAt?: number
  exitCode?: number
  /** Container level: why the container could not run or was killed. At most 255 characters. */
  reason?: string
  /** Task level. */
  statusReason?: string
  logStreamName: string
  /** Of a task that `ecsProperties` describes: its containers in their order. */
  containers?: ContainerView[]
  /** Nodes of multi-node parallel jobs only. */
  privateIpv4Address?: string
}

export type ArrayView = {
  /** As submitted; of a sparse array it is more than there are children. */
  size: number
  summary: StatusSummary
  summaryUpdatedAt: number
  maxConcurrency?: number
  /** Of a sparse array, where a single job is described. */
  indexes?: string
}
/** One container of a try. */
export type ContainerView = { name: string; logStreamName: string } & ContainerResult

/** Everything DescribeJobs and ListJobs tell of one job or array child; the API layer renders it as wire JSON. */
export type JobView = {
  jobId: string
  jobName: string
  /** Queue name, not ARN. */
  queue: string
  definition: { name: string; revision: number }
  state: JobState
  statusReason?: string
  createdAt: number
  startedAt?: number
  stoppedAt?: number
  shareIdentifier?: string
  schedulingPriority?: number
  /** What an attempt asks for, all containers and nodes together; of an array's parent, each child's. */
  vcpus: number
  /** Ended attempts, oldest first. */
  attempts: AttemptView[]
  /** The try in progress (STARTING, RUNNING), or the last one of a job that has ended. */
  latestAttempt?: AttemptView
  retryStrategy: RetryStrategy
  timeout?: JobTimeout
  dependsOn: JobDependency[]
  parameters: Record<string, string>
  tags: Record<string, string>
  propagateTags?: boolean
  platformCapabilities?: string[]
  /** With the job's overrides merged in. */
  consumableResourceProperties?: ConsumableProperties
  placementConstraints?: PlacementConstraints
  /** The definition's container with the job's overrides merged in; `command` has parameters substituted. */
  container: ContainerProperties
  /** The same of a job whose definition has `ecsProperties` or `eksProperties`; `container` is of no use then. */
  ecsProperties?: EcsProperties
  eksProperties?: EksProperties
  /** `process` when the attempt ran as a plain process, so that the image was not used. */
  runtime?: 'docker' | 'process'
  array?: ArrayView | { index: number }
  /** A multi-node parallel job, with what its nodes run (`container` is of no use then), or one of its nodes. */
  nodes?: { properties: NodeProperties } | { index: number; count: number; isMain: boolean }
  isCancelled?: boolean
  isTerminated?: boolean
}
