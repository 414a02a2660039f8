import type { EksPropertiesOverride } from './job.ts'
import type { EksContainer, EksProperties } from './job-definition.ts'

/** The name of a pod's container that has none. */
const defaultName = 'Default'

/**
 * A pod with a job's overrides merged in (AWS Batch API, EksContainerOverride): containers are matched by name, `image`,
 * `command` and `args` replace, `env` merges by name, `resources` and `metadata` by key.
 */
export function effectivePod(base: EksProperties, override: EksPropertiesOverride = {}): EksProperties {
  const { podProperties } = base
  const change = override.podProperties
  if (!podProperties || !change) return base
  const { containers, initContainers, metadata } = podProperties
  const merged = change.metadata ? mergedMetadata(metadata, change.metadata) : metadata
  return {
    ...base,
    podProperties: {
      ...podProperties,
      ...(containers ? { containers: mergedContainers(containers, change.containers) } : {}),
      ...(initContainers ? { initContainers: mergedContainers(initContainers, change.initContainers) } : {}),
      ...(merged ? { metadata: merged } : {}),
    },
  }
}

export function podContainerName(container: { name?: string }): string {
  return container.name ?? defaultName
}

function mergedContainers(containers: EksContainer[], changes: EksContainer[] = []): EksContainer[] {
  return containers.map((container) => {
    const change = changes.find((candidate) => podContainerName(candidate) === podContainerName(container))
    return change ? mergedContainer(container, change) : container
  })
}

function mergedContainer(base: EksContainer, change: EksContainer): EksContainer {
  const env = new Map([...(base.env ?? []), ...(change.env ?? [])].map((entry) => [entry.name, entry]))
  const { limits, requests } = change.resources ?? {}
  return {
    ...base,
    ...change,
    ...(env.size > 0 ? { env: [...env.values()] } : {}),
    ...(change.resources
      ? {
          resources: {
            ...base.resources,
            ...(limits ? { limits: { ...base.resources?.limits, ...limits } } : {}),
            ...(requests ? { requests: { ...base.resources?.requests, ...requests } } : {}),
          },
        }
      : {}),
  }
}

type Metadata = NonNullable<NonNullable<EksProperties['podProperties']>['metadata']>

function mergedMetadata(base: Metadata = {}, change: Metadata): Metadata {
  const { labels, annotations } = change
  return {
    ...base,
    ...change,
    ...(labels ? { labels: { ...base.labels, ...labels } } : {}),
    ...(annotations ? { annotations: { ...base.annotations, ...annotations } } : {}),
  }
}
