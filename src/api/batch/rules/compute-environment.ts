import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, maxResults, newName, nextToken, tags, unsupported } from './fields.ts'
import type { Rules } from './rule.ts'

/**
 * AWS requires `serviceRole` of an UNMANAGED environment; there is no service to give the role to, so it may be
 * missing or empty. `computeResources` of an UNMANAGED environment are dropped, as AWS drops them.
 */
export const computeEnvironmentRules: Rules = {
  'CreateComputeEnvironmentRequest.computeEnvironmentName': () => newName,
  'CreateComputeEnvironmentRequest.type': (type: z.ZodType<string>) =>
    type.refine(
      (value) => value === 'UNMANAGED',
      'MANAGED compute environments are not implemented yet; create an UNMANAGED one and join hosts to it with the agent',
    ),
  'CreateComputeEnvironmentRequest.unmanagedvCpus': () => integer(0),
  'CreateComputeEnvironmentRequest.computeResources': () => z.record(z.string(), z.unknown()),
  'CreateComputeEnvironmentRequest.serviceRole': (role: z.ZodString) => role.max(2048),
  'CreateComputeEnvironmentRequest.tags': () => tags,
  'CreateComputeEnvironmentRequest.eksConfiguration': () => unsupported('there is no Kubernetes to run on'),
  'CreateComputeEnvironmentRequest.context': (context: z.ZodString) => context.max(1024),
  'DescribeComputeEnvironmentsRequest.computeEnvironments': (list: z.ZodArray) =>
    list.max(limits.describeResources),
  'DescribeComputeEnvironmentsRequest.maxResults': maxResults,
  'DescribeComputeEnvironmentsRequest.nextToken': nextToken,
}
