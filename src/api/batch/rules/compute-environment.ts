import type * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, maxResults, nameOrArn, newName, nextToken, tags } from './fields.ts'
import type { Rules } from './rule.ts'

/** A text that is a version, an image or the like. */
const shortText = (text: z.ZodString) => text.min(1).max(256)
const vCpus = () => integer(0)

/**
 * AWS requires `serviceRole` of an UNMANAGED environment; there is no service to give the role to, so it may be
 * missing or empty. What the kinds of compute resources demand is decided with the environment's present state
 * (`core/lifecycle/compute-resources.ts`).
 */
export const computeEnvironmentRules: Rules = {
  'CreateComputeEnvironmentRequest.computeEnvironmentName': () => newName,
  'CreateComputeEnvironmentRequest.unmanagedvCpus': vCpus,
  'CreateComputeEnvironmentRequest.serviceRole': (role: z.ZodString) => role.max(2048),
  'CreateComputeEnvironmentRequest.tags': () => tags,
  'CreateComputeEnvironmentRequest.context': (context: z.ZodString) => context.max(1024),
  'UpdateComputeEnvironmentRequest.computeEnvironment': () => nameOrArn,
  'UpdateComputeEnvironmentRequest.unmanagedvCpus': vCpus,
  'UpdateComputeEnvironmentRequest.serviceRole': (role: z.ZodString) => role.max(2048),
  'UpdateComputeEnvironmentRequest.context': (context: z.ZodString) => context.max(1024),
  'DeleteComputeEnvironmentRequest.computeEnvironment': () => nameOrArn,
  'DescribeComputeEnvironmentsRequest.computeEnvironments': (list: z.ZodArray) =>
    list.max(limits.describeResources),
  'DescribeComputeEnvironmentsRequest.maxResults': maxResults,
  'DescribeComputeEnvironmentsRequest.nextToken': nextToken,
  'ComputeResource.maxvCpus': vCpus,
  'ComputeResource.minvCpus': vCpus,
  'ComputeResource.desiredvCpus': vCpus,
  'ComputeResource.bidPercentage': () => integer(0, 100),
  'ComputeResource.ec2Configuration': (list: z.ZodArray) => list.max(2),
  'ComputeResourceUpdate.maxvCpus': vCpus,
  'ComputeResourceUpdate.minvCpus': vCpus,
  'ComputeResourceUpdate.desiredvCpus': vCpus,
  'ComputeResourceUpdate.bidPercentage': () => integer(0, 100),
  'ComputeResourceUpdate.ec2Configuration': (list: z.ZodArray) => list.max(2),
  'ComputeScalingPolicy.minScaleDownDelayMinutes': () =>
    integer(0, 10_080).refine((minutes) => minutes === 0 || minutes >= 20, 'must be 0 or at least 20'),
  'Ec2Configuration.imageType': shortText,
  'Ec2Configuration.imageIdOverride': shortText,
  'Ec2Configuration.imageKubernetesVersion': shortText,
  'EksConfiguration.eksClusterArn': (arn: z.ZodString) => arn.min(1).max(2048),
  'InfrastructureOptimization.scaleInAfter': () => integer(-1, 3_600),
  LaunchTemplateSpecification: (
    template: z.ZodType<{ launchTemplateId?: string; launchTemplateName?: string }>,
  ) =>
    template.refine(
      ({ launchTemplateId, launchTemplateName }) => !launchTemplateId || !launchTemplateName,
      'must have only one of launchTemplateId and launchTemplateName',
    ),
  'LaunchTemplateSpecification.overrides': (list: z.ZodArray) => list.max(10),
  'UpdatePolicy.jobExecutionTimeoutMinutes': () => integer(1, 7_200),
}
