import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import type { ContainerProperties, EcsProperties } from '../../../core/model/job-definition.ts'
import { brokenByContainer, brokenByTask } from './fargate.ts'
import { integer, isEmpty, maxResults, newName, nextToken, tags } from './fields.ts'
import type { Rules } from './rule.ts'

export const jobDefinitionRules: Rules = {
  RegisterJobDefinitionRequest: (request: z.ZodObject) => request.check(hasBody),
  'RegisterJobDefinitionRequest.jobDefinitionName': () => newName,
  'RegisterJobDefinitionRequest.schedulingPriority': () => integer(0, limits.schedulingPriority),
  'RegisterJobDefinitionRequest.tags': () => tags,
  'RegisterJobDefinitionRequest.platformCapabilities': (list: z.ZodArray<z.ZodType<string>>) => list.max(1),
  'RetryStrategy.attempts': () => integer(1, limits.attempts),
  'RetryStrategy.evaluateOnExit': (list: z.ZodArray) => list.max(limits.evaluateOnExit),
  RetryStrategy: (strategy: z.ZodType<{ attempts?: number; evaluateOnExit?: unknown[] }>) =>
    strategy.refine(({ attempts, evaluateOnExit }) => attempts !== undefined || !evaluateOnExit?.length, {
      error: 'RetryAttempts must be provided with retry strategy',
    }),
  'EvaluateOnExit.onStatusReason': textPattern,
  'EvaluateOnExit.onReason': textPattern,
  'EvaluateOnExit.onExitCode': (pattern: z.ZodString) => pattern.max(512).regex(/^[0-9]*\*?$/),
  'EvaluateOnExit.action': () => z.string().regex(/^(retry|exit)$/i, 'must be one of RETRY, EXIT'),
  'JobTimeout.attemptDurationSeconds': () => integer(limits.attemptDurationSecondsMin),
  'PlacementConstraints.gpuModels': () => z.array(z.string().min(1).max(128)).min(1).max(20),
  'PlacementConstraints.labels': () =>
    z
      .record(z.string().min(1).max(128), z.string().max(256))
      .refine((labels) => Object.keys(labels).length <= 50, { error: 'must have at most 50 labels' }),
  'DescribeJobDefinitionsRequest.jobDefinitions': (list: z.ZodArray) => list.max(limits.describeResources),
  'DescribeJobDefinitionsRequest.status': () => z.enum(['ACTIVE', 'INACTIVE']),
  'DescribeJobDefinitionsRequest.maxResults': maxResults,
  'DescribeJobDefinitionsRequest.nextToken': nextToken,
  DescribeJobDefinitionsRequest: (request: z.ZodType<Selection>) =>
    request.refine((input) => !input.jobDefinitions?.length || (!input.jobDefinitionName && !input.status), {
      path: ['jobDefinitions'],
      error: 'cannot be combined with jobDefinitionName or status',
    }),
}

type Selection = { jobDefinitions?: string[]; jobDefinitionName?: string; status?: string }

function textPattern(pattern: z.ZodString): z.ZodType {
  return pattern.max(512).regex(/^[0-9a-zA-Z.:\s]*\*?$/)
}

type Definition = {
  type?: string
  platformCapabilities?: string[]
  containerProperties?: ContainerProperties
  ecsProperties?: EcsProperties
  eksProperties?: object
  nodeProperties?: object
}
const bodies = ['containerProperties', 'ecsProperties', 'eksProperties'] as const

/** A definition has one body: one of `bodies`, or `nodeProperties` if it is multi-node. */
function hasBody({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const definition = value as Definition
  const { type, platformCapabilities, containerProperties, nodeProperties } = definition
  const refuse = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: value, path: ['containerProperties', ...path], message })
  const refuseMember = (member: keyof Definition, message: string) =>
    issues.push({ code: 'custom', input: value, path: [member], message })
  const given = bodies.filter((body) => !isEmpty(definition[body]))
  if (type === 'multinode') {
    if (!nodeProperties) refuseMember('nodeProperties', 'required for type multinode')
    for (const body of given) refuseMember(body, 'does not go with type multinode')
    if (platformCapabilities?.includes('FARGATE'))
      refuseMember('platformCapabilities', 'multi-node parallel jobs do not run on FARGATE')
    return
  }
  if (platformCapabilities?.includes('MANAGED_INSTANCES') && !given.includes('ecsProperties'))
    return void refuseMember('ecsProperties', 'required for MANAGED_INSTANCES')
  if (nodeProperties) return void refuseMember('nodeProperties', 'goes with type multinode only')
  if (given.length > 1) return void refuseMember(given[1]!, `cannot be combined with ${given[0]}`)
  if (given.length === 0) return void refuse(containerProperties ? ['image'] : [], 'required')
  if (!containerProperties || isEmpty(containerProperties))
    return platformCapabilities?.includes('FARGATE') ? refuseOnFargate(definition, issues) : undefined
  if (!isEmpty(containerProperties.instanceType))
    return void refuse(['instanceType'], 'applies to multi-node parallel jobs only')
  if (containerProperties.image === undefined) return void refuse(['image'], 'required')
  const broken = platformCapabilities?.includes('FARGATE')
    ? brokenByContainer(containerProperties)
    : undefined
  if (broken) refuse(broken.path, broken.rule)
}

function refuseOnFargate({ ecsProperties }: Definition, issues: z.core.$ZodRawIssue[]): void {
  const refuse = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: ecsProperties, path, message })
  if (!ecsProperties) return void refuse(['eksProperties'], 'not available on FARGATE')
  const broken = brokenByTask(ecsProperties.taskProperties?.[0] ?? {})
  if (broken) refuse(['ecsProperties', 'taskProperties', 0, ...broken.path], broken.rule)
}
