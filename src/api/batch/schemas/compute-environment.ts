import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { enabledOrDisabled, integer, newName, notSupported, page, tags } from './fields.ts'

/**
 * AWS requires `serviceRole` of an UNMANAGED environment; there is no service to give the role to, so it may be
 * missing or empty. `computeResources` of an UNMANAGED environment are dropped, as AWS drops them.
 */
export const createComputeEnvironmentInput = z.object({
  computeEnvironmentName: newName,
  type: z
    .enum(['MANAGED', 'UNMANAGED'])
    .refine(
      (type) => type === 'UNMANAGED',
      'MANAGED compute environments are not implemented yet; create an UNMANAGED one and join hosts to it with the agent',
    ),
  state: enabledOrDisabled.exactOptional(),
  unmanagedvCpus: integer(0).exactOptional(),
  computeResources: z.record(z.string(), z.unknown()).exactOptional(),
  serviceRole: z.string().max(2048).exactOptional(),
  tags: tags.exactOptional(),
  eksConfiguration: notSupported('there is no Kubernetes to run on').exactOptional(),
  context: z.string().max(1024).exactOptional(),
  ecsSettings: z
    .object({ containerInsights: z.enum(['DISABLED', 'ENABLED', 'ENHANCED']).exactOptional() })
    .exactOptional(),
})

export const describeComputeEnvironmentsInput = z.object({
  computeEnvironments: z.array(z.string()).max(limits.describeResources).exactOptional(),
  ...page,
})
