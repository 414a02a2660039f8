import type { ContainerOverrides, JobRequest } from './job.ts'
import type {
  ContainerProperties,
  JobDefinitionBody,
  NameValue,
  ResourceRequirement,
} from './job-definition.ts'
import { type Resources, wholeCard } from './resources.ts'

/** The text of a `Ref::name` that no parameter answers, as AWS words it. */
export function missingParameter(name: string): string {
  return `Unable to substitute value. No parameter found for reference ${name}`
}

/** The definition's parameters with the job's merged over them. */
export function effectiveParameters(body: JobDefinitionBody, request: JobRequest): Record<string, string> {
  return { ...body.parameters, ...request.parameters }
}

/** The first `Ref::name` in a command that has no value, or undefined. */
export function unresolvedIn(command: string[], parameters: Record<string, string>): string | undefined {
  for (const argument of command)
    for (const match of argument.matchAll(referencePattern))
      if (!Object.hasOwn(parameters, match[1]!)) return match[1]!
  return undefined
}

const referencePattern = /Ref::([A-Za-z0-9_-]+)/g

/** The command with its parameters in place. */
export function substituted(command: string[], parameters: Record<string, string>): string[] {
  return command.map((argument) =>
    argument.replace(referencePattern, (text, name: string) =>
      Object.hasOwn(parameters, name) ? parameters[name]! : text,
    ),
  )
}

/**
 * A container with overrides merged in: `command` replaces, `environment` merges by name, `resourceRequirements` merge
 * by type (AWS Batch API, ContainerOverrides). Parameters are not substituted yet.
 */
export function overriddenContainer(
  base: ContainerProperties,
  overrides: ContainerOverrides = {},
): ContainerProperties {
  return {
    ...base,
    command: overrides.command ?? base.command ?? [],
    environment: mergeByName(base.environment ?? [], overrides.environment ?? []),
    resourceRequirements: mergeRequirements(base, overrides),
    ...(overrides.instanceType !== undefined ? { instanceType: overrides.instanceType } : {}),
  }
}

function mergeByName(base: NameValue[], overrides: NameValue[]): NameValue[] {
  const merged = new Map(base.map((entry) => [entry.name, entry]))
  for (const entry of overrides) merged.set(entry.name, entry)
  return [...merged.values()]
}

/** Deprecated `vcpus` and `memory` count only where no requirement of that type is given at the same or a higher level. */
function mergeRequirements(base: ContainerProperties, overrides: ContainerOverrides): ResourceRequirement[] {
  const merged = new Map<ResourceRequirement['type'], string>()
  if (base.vcpus !== undefined) merged.set('VCPU', String(base.vcpus))
  if (base.memory !== undefined) merged.set('MEMORY', String(base.memory))
  const modern = new Set((base.resourceRequirements ?? []).map((requirement) => requirement.type))
  if (overrides.vcpus !== undefined && !modern.has('VCPU')) merged.set('VCPU', String(overrides.vcpus))
  if (overrides.memory !== undefined && !modern.has('MEMORY')) merged.set('MEMORY', String(overrides.memory))
  for (const { type, value } of base.resourceRequirements ?? []) if (modern.has(type)) merged.set(type, value)
  for (const { type, value } of overrides.resourceRequirements ?? []) merged.set(type, value)
  return [...merged].map(([type, value]) => ({ type, value }))
}

/** What a container takes of a host. Without a VCPU requirement one vCPU, without MEMORY 2,048 MiB. */
export function containerResources(container: { resourceRequirements?: ResourceRequirement[] }): Resources {
  const value = (type: ResourceRequirement['type'], otherwise: number) => {
    const found = container.resourceRequirements?.find((requirement) => requirement.type === type)
    return found ? Number(found.value) : otherwise
  }
  return {
    cpuMilli: Math.round(value('VCPU', 1) * 1000),
    memoryMiB: Math.ceil(value('MEMORY', 2048)),
    gpuMilli: Math.round(value('GPU', 0) * wholeCard),
    diskMiB: 0,
  }
}
