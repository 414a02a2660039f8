import type { ContainerDependency, ContainerSpec } from './container-spec.ts'
import { effectiveConstraints } from './effective-constraints.ts'
import { containerResources, effectiveParameters } from './effective-container.ts'
import { nodeKinds } from './effective-nodes.ts'
import { effectiveTask, type TaskBody, type TaskOverrides } from './effective-task.ts'
import { gpuShares } from './gpu-shares.ts'
import type { JobRequest } from './job.ts'
import type {
  ContainerProperties,
  JobDefinition,
  LogConfiguration,
  TaskContainerProperties,
  Volume,
} from './job-definition.ts'
import type { Constraints } from './placement-constraints.ts'
import { addResources, noResources, type Resources } from './resources.ts'
import { type Tags, taskTags } from './tags.ts'
import { containerNameOf, defaultContainerName, taskContainers } from './task-containers.ts'

/** What a host needs to run one attempt, shared by all children of an array: one container or several that belong together. */
export type TaskSpec = {
  /** At least one, in the order in which they are described. */
  containers: ContainerSpec[]
  /** Of all containers together. */
  resources: Resources
  /** What hosts must be like. */
  constraints?: Constraints
  /** What `mountPoints` of the containers name. */
  volumes?: Volume[]
  /** Counted from the moment the task runs; absent: no limit. */
  timeoutSeconds?: number
  /** Tags of the job and its definition, where they are propagated. */
  tags?: Tags
}

/** What the specs of one job have in common. */
export type TaskContext = {
  definitionName: string
  parameters: Record<string, string>
  timeoutSeconds?: number
}

const defaultStopTimeoutSeconds = 30
const defaultLogGroup = '/aws/batch/job'
/** AWS's stream form is `{first 200 characters of the definition's name}/{container's name}/{task id}`. */
const longestLogPrefix = 200

/** What a host is told to run for a job of one task; the same for every child of an array. */
export function taskSpec(definition: JobDefinition, request: JobRequest): TaskSpec {
  const timeoutSeconds = (request.timeout ?? definition.body.timeout)?.attemptDurationSeconds
  const tags = taskTags(definition.body, request)
  const spec = taskSpecOf(definition.body, request, {
    definitionName: definition.name,
    parameters: effectiveParameters(definition.body, request),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  })
  const constraints = effectiveConstraints(definition.body, request)
  return {
    ...spec,
    ...(constraints ? { constraints } : {}),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  }
}

/** What the nodes of a multi-node parallel job run, one spec for each kind of them, and `kindOf[node]`. */
export function nodeSpecs(
  definition: JobDefinition,
  request: JobRequest,
): { specs: TaskSpec[]; kindOf: number[] } {
  const { kinds, kindOf } = nodeKinds(definition, request)
  return { specs: kinds.map((node) => taskSpec(node.definition, node.request)), kindOf }
}

/** As `taskSpec`, for any body: that of a definition, or of one node of a multi-node job. */
export function taskSpecOf(body: TaskBody, overrides: TaskOverrides, context: TaskContext): TaskSpec {
  const { containerProperties = {}, ecsProperties } = effectiveTask(body, overrides, context.parameters)
  const containers = ecsProperties
    ? taskContainers(ecsProperties).map((container) => taskContainerSpec(container, context))
    : [singleContainerSpec(containerProperties, context)]
  const { volumes, ephemeralStorage } = ecsProperties?.taskProperties?.[0] ?? containerProperties
  const { timeoutSeconds } = context
  const sum = containers.map(({ resources }) => resources).reduce(addResources, noResources)
  return {
    containers,
    resources: {
      ...sum,
      diskMiB: (ephemeralStorage?.sizeInGiB ?? 0) * 1_024,
      gpuMilli: gpuShares(containers.map(({ resources }) => resources.gpuMilli)).gpuMilli,
    },
    ...(volumes === undefined ? {} : { volumes }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }
}

/**
 * All of a log stream's name but the attempt's id. The `awslogs-stream-prefix` option takes the place of the
 * definition's name (Amazon ECS, "awslogs-stream-prefix").
 */
export function logStreamPrefix(
  definitionName: string,
  containerName: string,
  logConfiguration?: LogConfiguration,
): string {
  const prefix = logConfiguration?.options?.['awslogs-stream-prefix']
  return `${prefix || definitionName.slice(0, longestLogPrefix)}/${containerName}`
}

function singleContainerSpec(container: ContainerProperties, context: TaskContext): ContainerSpec {
  return {
    name: defaultContainerName,
    essential: true,
    stopTimeoutSeconds: defaultStopTimeoutSeconds,
    ...commonSpec(container, defaultContainerName, context),
  }
}

function taskContainerSpec(container: TaskContainerProperties, context: TaskContext): ContainerSpec {
  const name = containerNameOf(container)
  const dependsOn = (container.dependsOn ?? []).map(({ containerName, condition }) => ({
    container: containerName ?? defaultContainerName,
    condition: (condition ?? 'START') as ContainerDependency['condition'],
  }))
  return {
    name,
    essential: container.essential ?? true,
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    ...(container.startTimeout === undefined ? {} : { startTimeoutSeconds: container.startTimeout }),
    stopTimeoutSeconds: container.stopTimeout ?? defaultStopTimeoutSeconds,
    ...commonSpec(container, name, context),
  }
}

/** What both forms of a container have, where it is given. */
const passedOn = [
  'user',
  'privileged',
  'readonlyRootFilesystem',
  'ulimits',
  'linuxParameters',
  'mountPoints',
] as const

function commonSpec(
  container: ContainerProperties | TaskContainerProperties,
  name: string,
  { definitionName }: TaskContext,
): Omit<ContainerSpec, 'name' | 'essential' | 'stopTimeoutSeconds'> {
  const given = passedOn.filter((member) => container[member] !== undefined)
  return {
    image: container.image ?? '',
    command: container.command ?? [],
    environment: container.environment ?? [],
    resources: containerResources(container),
    ...Object.fromEntries(given.map((member) => [member, container[member]])),
    logGroup: container.logConfiguration?.options?.['awslogs-group'] ?? defaultLogGroup,
    logStreamPrefix: logStreamPrefix(definitionName, name, container.logConfiguration),
  }
}
