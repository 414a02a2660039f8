/** What names a deployment in ARNs. */
export type Account = { partition: string; region: string; accountId: string }
/** `salt`: of its identifiers. */
export type Deployment = Account & { salt: string }

/** `arn:{partition}:batch:{region}:{account}:{resource}`. */
export function batchArn(deployment: Deployment, resource: string): string {
  return `arn:${deployment.partition}:batch:${deployment.region}:${deployment.accountId}:${resource}`
}

/** The ECS forms that clients find in taskArn and containerInstanceArn; the cluster is the environment's. */
export function ecsArn({ partition, region, accountId }: Account, resource: string): string {
  return `arn:${partition}:ecs:${region}:${accountId}:${resource}`
}

/**
 * The part of a `batch` ARN behind `{kind}/`, a bare name as it is, and undefined for an ARN of another kind,
 * region or account.
 */
export function resourceName(deployment: Deployment, kind: string, nameOrArn: string): string | undefined {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn
  const prefix = batchArn(deployment, `${kind}/`)
  return nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : undefined
}
