import type { EcsProperties, TaskContainerProperties } from './job-definition.ts'

/** The name of a container that has none. */
export const defaultContainerName = 'default'

/** The containers of a task in their order. */
export function taskContainers(properties: EcsProperties): TaskContainerProperties[] {
  return properties.taskProperties?.[0]?.containers ?? []
}

export function containerNameOf(container: { name?: string }): string {
  return container.name ?? defaultContainerName
}
