import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { containerProperties } from './container.ts'
import { brokenFargateRule } from './fargate-rules.ts'
import { integer, newName, notSupported, page, parameters, retryStrategy, tags, timeout } from './fields.ts'

const onlyContainers = 'only jobs of one container (containerProperties) run'

export const registerJobDefinitionInput = z
  .object({
    jobDefinitionName: newName,
    type: z
      .enum(['container', 'multinode'])
      .refine((type) => type === 'container', `multinode is not supported yet: ${onlyContainers}`),
    parameters: parameters.exactOptional(),
    schedulingPriority: integer(0, limits.schedulingPriority).exactOptional(),
    ecsProperties: notSupported(onlyContainers).exactOptional(),
    eksProperties: notSupported(onlyContainers).exactOptional(),
    nodeProperties: notSupported(onlyContainers).exactOptional(),
    consumableResourceProperties: z
      .object({ consumableResourceList: z.array(z.unknown()).max(0, 'not supported yet').exactOptional() })
      .exactOptional(),
    containerProperties,
    retryStrategy: retryStrategy.exactOptional(),
    timeout: timeout.exactOptional(),
    propagateTags: z.boolean().exactOptional(),
    tags: tags.exactOptional(),
    platformCapabilities: z
      .array(
        z
          .enum(['EC2', 'FARGATE', 'MANAGED_INSTANCES'])
          .refine((platform) => platform !== 'MANAGED_INSTANCES', 'MANAGED_INSTANCES is not supported yet'),
      )
      .max(1)
      .exactOptional(),
  })
  .check(({ value, issues }) => {
    const broken = value.platformCapabilities?.includes('FARGATE')
      ? brokenFargateRule(value.containerProperties)
      : undefined
    if (broken)
      issues.push({
        code: 'custom',
        input: value.containerProperties,
        path: ['containerProperties', ...broken.path],
        message: broken.rule,
      })
  })

/** Entries are `name:revision` or ARNs; they exclude the other ways to choose. */
export const describeJobDefinitionsInput = z
  .object({
    jobDefinitions: z.array(z.string()).max(limits.describeResources).exactOptional(),
    jobDefinitionName: z.string().exactOptional(),
    status: z.enum(['ACTIVE', 'INACTIVE']).exactOptional(),
    ...page,
  })
  .refine((input) => !input.jobDefinitions?.length || (!input.jobDefinitionName && !input.status), {
    path: ['jobDefinitions'],
    error: 'cannot be combined with jobDefinitionName or status',
  })
