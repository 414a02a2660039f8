import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { containerOverrides } from './container.ts'
import {
  integer,
  jobName,
  nameOrArn,
  notSupported,
  parameters,
  retryStrategy,
  tags,
  timeout,
} from './fields.ts'

const onlyContainers = 'only jobs of one container (containerOverrides) run'

/** What only the queue can judge (dependencies, shares, parameters) is left to it. */
export const submitJobInput = z.object({
  jobName,
  jobQueue: nameOrArn,
  jobDefinition: nameOrArn,
  shareIdentifier: z
    .string()
    .max(255)
    .regex(/^[a-zA-Z0-9]*\*?$/)
    .exactOptional(),
  schedulingPriorityOverride: integer(0, limits.schedulingPriority).exactOptional(),
  arrayProperties: z
    .object({ size: integer(limits.arraySizeMin, limits.arraySize).exactOptional() })
    .exactOptional(),
  dependsOn: z
    .array(
      z.object({
        jobId: z.string().max(512).exactOptional(),
        type: z.enum(['SEQUENTIAL', 'N_TO_N']).exactOptional(),
      }),
    )
    .max(limits.dependenciesPerJob)
    .exactOptional(),
  parameters: parameters.exactOptional(),
  containerOverrides: containerOverrides.exactOptional(),
  ecsPropertiesOverride: notSupported(onlyContainers).exactOptional(),
  eksPropertiesOverride: notSupported(onlyContainers).exactOptional(),
  nodeOverrides: notSupported(onlyContainers).exactOptional(),
  consumableResourcePropertiesOverride: z
    .object({ consumableResourceList: z.array(z.unknown()).max(0, 'not supported yet').exactOptional() })
    .exactOptional(),
  retryStrategy: retryStrategy.exactOptional(),
  timeout: timeout.exactOptional(),
  propagateTags: z.boolean().exactOptional(),
  tags: tags.exactOptional(),
})
