import type { ContainerSpec } from './container-spec.ts'
import type { JobRequest } from './job.ts'
import type {
  ContainerProperties,
  JobDefinition,
  JobDefinitionBody,
  NameValue,
  ResourceRequirement,
} from './job-definition.ts'
import type { Resources } from './resources.ts'

/** The text of a `Ref::name` that no parameter answers, as AWS words it. */
export function missingParameter(name: string): string {
  return `Unable to substitute value. No parameter found for reference ${name}`
}

/** The definition's parameters with the job's merged over them. */
export function effectiveParameters(body: JobDefinitionBody, request: JobRequest): Record<string, string> {
  return { ...body.parameters, ...request.parameters }
}

/** The first `Ref::name` in the job's command that has no value, or undefined. */
export function unresolvedReference(body: JobDefinitionBody, request: JobRequest): string | undefined {
  const parameters = effectiveParameters(body, request)
  const command = request.containerOverrides?.command ?? body.containerProperties?.command ?? []
  for (const argument of command)
    for (const match of argument.matchAll(referencePattern))
      if (!Object.hasOwn(parameters, match[1]!)) return match[1]!
  return undefined
}

const referencePattern = /Ref::([A-Za-z0-9_-]+)/g

/**
 * The definition's container with the job's overrides merged in: `command` replaces, `environment` merges by
 * name, `resourceRequirements` merge by type, parameters are substituted (AWS Batch API, ContainerOverrides).
 */
export function effectiveContainer(body: JobDefinitionBody, request: JobRequest): ContainerProperties {
  const base = body.containerProperties ?? {}
  const overrides = request.containerOverrides ?? {}
  const parameters = effectiveParameters(body, request)
  const command = (overrides.command ?? base.command ?? []).map((argument) =>
    argument.replace(referencePattern, (text, name: string) =>
      Object.hasOwn(parameters, name) ? parameters[name]! : text,
    ),
  )
  return {
    ...base,
    command,
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
function mergeRequirements(
  base: ContainerProperties,
  overrides: JobRequest['containerOverrides'] & object,
): ResourceRequirement[] {
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
export function containerResources(container: ContainerProperties): Resources {
  const value = (type: ResourceRequirement['type'], otherwise: number) => {
    const found = container.resourceRequirements?.find((requirement) => requirement.type === type)
    return found ? Number(found.value) : otherwise
  }
  return {
    cpuMilli: Math.round(value('VCPU', 1) * 1000),
    memoryMiB: Math.ceil(value('MEMORY', 2048)),
    gpus: value('GPU', 0),
  }
}

const defaultLogGroup = '/aws/batch/job'

/** AWS's stream form is `{first 200 characters of the definition's name}/default/{task id}`. */
export function logStreamPrefix(definitionName: string): string {
  return `${definitionName.slice(0, 200)}/default`
}

/** What a host is told to run for a job; the same for every child of an array. */
export function containerSpec(definition: JobDefinition, request: JobRequest): ContainerSpec {
  const container = effectiveContainer(definition.body, request)
  const timeoutSeconds = (request.timeout ?? definition.body.timeout)?.attemptDurationSeconds
  const optional = <Key extends keyof ContainerProperties>(key: Key) =>
    container[key] === undefined ? {} : ({ [key]: container[key] } as Pick<ContainerProperties, Key>)
  return {
    image: container.image ?? '',
    command: container.command ?? [],
    environment: container.environment ?? [],
    resources: containerResources(container),
    ...optional('user'),
    ...optional('privileged'),
    ...optional('readonlyRootFilesystem'),
    ...optional('ulimits'),
    ...optional('linuxParameters'),
    ...optional('volumes'),
    ...optional('mountPoints'),
    ...(timeoutSeconds !== undefined ? { timeoutSeconds } : {}),
    stopTimeoutSeconds: 30,
    logGroup: container.logConfiguration?.options?.['awslogs-group'] ?? defaultLogGroup,
    logStreamPrefix: logStreamPrefix(definition.name),
  } as ContainerSpec
}
