import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, maxResults, nameOrArn, newName, nextToken, shareIdentifier, tags } from './fields.ts'
import type { Rules } from './rule.ts'

/** That shares do not overlap and a policy keeps its kind is decided in `core/lifecycle/policy-lifecycle.ts`. */
export const schedulingPolicyRules: Rules = {
  'CreateSchedulingPolicyRequest.name': () => newName,
  'CreateSchedulingPolicyRequest.tags': () => tags,
  'UpdateSchedulingPolicyRequest.arn': () => nameOrArn,
  'DeleteSchedulingPolicyRequest.arn': () => nameOrArn,
  'DescribeSchedulingPoliciesRequest.arns': (list: z.ZodArray) => list.max(limits.describeResources),
  'ListSchedulingPoliciesRequest.maxResults': maxResults,
  'ListSchedulingPoliciesRequest.nextToken': nextToken,
  'FairsharePolicy.shareDecaySeconds': () => integer(0, 604_800),
  'FairsharePolicy.computeReservation': () => integer(0, 99),
  'FairsharePolicy.shareDistribution': (list: z.ZodArray) => list.max(limits.shareDistribution),
  'ShareAttributes.shareIdentifier': (text: z.ZodString) => shareIdentifier(text).min(1),
  'ShareAttributes.weightFactor': () => z.number().min(0.0001).max(999.9999),
}
