import * as z from 'zod'
import type { Deployment } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'

/** Any name that a definition's `awslogs-group` may have given a group. */
export const groupName = z.string().min(1).max(512)
export const streamName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^:*]*$/)
export const instant = z.int().min(0)

/** How CloudWatch Logs operations name a group: one of the two. */
export const logGroupInput = {
  logGroupName: groupName.exactOptional(),
  logGroupIdentifier: z.string().min(1).max(2048).exactOptional(),
}

/** The group's name, from its name or from its name or ARN. */
export function logGroupName(
  deployment: Deployment,
  input: { logGroupName?: string; logGroupIdentifier?: string },
): Outcome<string> {
  const { logGroupName: name, logGroupIdentifier: identifier } = input
  if ((name === undefined) === (identifier === undefined))
    return refused(
      'logGroupName: exactly one of logGroupName and logGroupIdentifier must be given',
      'InvalidParameterException',
    )
  if (name !== undefined) return accepted(name)
  if (!identifier!.startsWith('arn:')) return accepted(identifier!)
  const prefix = logGroupArn(deployment, '')
  return identifier!.startsWith(prefix)
    ? accepted(identifier!.slice(prefix.length).replace(/:\*$/, ''))
    : missingLogGroup
}

export function logGroupArn(deployment: Deployment, group: string): string {
  return `arn:${deployment.partition}:logs:${deployment.region}:${deployment.accountId}:log-group:${group}`
}

export const missingLogGroup = refused('The specified log group does not exist.', 'ResourceNotFoundException')
