import { effectiveParameters, overriddenContainer, substituted, unresolvedIn } from './effective-container.ts'
import type { ContainerOverrides, EcsPropertiesOverride, JobRequest, TaskContainerOverrides } from './job.ts'
import type {
  ContainerProperties,
  EcsProperties,
  EcsTaskProperties,
  JobDefinitionBody,
  TaskContainerProperties,
} from './job-definition.ts'
import { containerNameOf, taskContainers } from './task-containers.ts'

/** What says which containers run: one of the two, in a definition or in a node range of one. */
export type TaskBody = { containerProperties?: ContainerProperties; ecsProperties?: EcsProperties }

/** What a job changes of a `TaskBody`, each by its own form. */
export type TaskOverrides = {
  containerOverrides?: ContainerOverrides
  ecsPropertiesOverride?: EcsPropertiesOverride
}

/** The body in the same form with overrides merged in (`overriddenContainer`) and parameters substituted in every command. */
export function effectiveTask(
  body: TaskBody,
  overrides: TaskOverrides,
  parameters: Record<string, string>,
): TaskBody {
  return substitutedTask(overriddenTask(body, overrides), parameters)
}

/** The body of a job of one task. */
export function effectiveJobTask(body: JobDefinitionBody, request: JobRequest): TaskBody {
  return effectiveTask(body, request, effectiveParameters(body, request))
}

/** The first `Ref::name` in any command of a job of one task that has no value, or undefined. */
export function unresolvedReference(body: JobDefinitionBody, request: JobRequest): string | undefined {
  return unresolvedInTask(body, request, effectiveParameters(body, request))
}

/** The same for any body. */
export function unresolvedInTask(
  body: TaskBody,
  overrides: TaskOverrides,
  parameters: Record<string, string>,
): string | undefined {
  const { containerProperties, ecsProperties } = overriddenTask(body, overrides)
  const containers = ecsProperties ? taskContainers(ecsProperties) : [containerProperties]
  for (const container of containers) {
    const reference = unresolvedIn(container?.command ?? [], parameters)
    if (reference !== undefined) return reference
  }
  return undefined
}

function overriddenTask(body: TaskBody, overrides: TaskOverrides): TaskBody {
  if (!body.ecsProperties) {
    return {
      containerProperties: overriddenContainer(body.containerProperties ?? {}, overrides.containerOverrides),
    }
  }
  const changes = new Map<string, TaskContainerOverrides>()
  for (const change of overrides.ecsPropertiesOverride?.taskProperties?.[0]?.containers ?? [])
    changes.set(containerNameOf(change), change)
  return mapContainers(body.ecsProperties, (container) => {
    const change = changes.get(containerNameOf(container))
    return change ? { ...container, ...changed(container, change) } : container
  })
}

/** Only what is overridden: what a definition leaves out stays out. */
function changed(base: TaskContainerProperties, change: TaskContainerOverrides): TaskContainerProperties {
  const { command, environment, resourceRequirements } = overriddenContainer(base, change)
  return {
    ...(change.command && command ? { command } : {}),
    ...(change.environment && environment ? { environment } : {}),
    ...(change.resourceRequirements && resourceRequirements ? { resourceRequirements } : {}),
  }
}

function substitutedTask(body: TaskBody, parameters: Record<string, string>): TaskBody {
  if (!body.ecsProperties) {
    const { containerProperties = {} } = body
    const command = substituted(containerProperties.command ?? [], parameters)
    return { containerProperties: { ...containerProperties, command } }
  }
  return mapContainers(body.ecsProperties, (container) =>
    container.command ? { ...container, command: substituted(container.command, parameters) } : container,
  )
}

function mapContainers(
  properties: EcsProperties,
  change: (container: TaskContainerProperties) => TaskContainerProperties,
): TaskBody {
  const tasks = (properties.taskProperties ?? []).map(
    (task): EcsTaskProperties =>
      task.containers ? { ...task, containers: task.containers.map(change) } : task,
  )
  return { ecsProperties: { ...properties, taskProperties: tasks } }
}
