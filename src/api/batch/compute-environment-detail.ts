import { batchArn, type Deployment, ecsArn } from '../../core/model/deployment.ts'
import type { EnvironmentConfig } from '../../core/model/environment.ts'

/**
 * The API's ComputeEnvironmentDetail. `computeResources.type` is there for UNMANAGED environments too, since clients
 * index it (Metaflow); unless `exact`, for Terraform would replace an environment that has what its user did not write.
 * Changes are done when they are acknowledged, so that an environment is always VALID.
 */
export function computeEnvironmentDetail(
  deployment: Deployment,
  config: EnvironmentConfig,
  exact = false,
): object {
  const { computeResources, serviceRole, tags, ...body } = config.body
  const role = body.type === 'MANAGED' ? serviceRole || serviceLinkedRole(deployment) : serviceRole
  return {
    computeEnvironmentName: config.name,
    computeEnvironmentArn: batchArn(deployment, `compute-environment/${config.name}`),
    ...(body.eksConfiguration ? {} : { ecsClusterArn: ecsArn(deployment, `cluster/${config.name}`) }),
    uuid: config.uuid,
    containerOrchestrationType: body.eksConfiguration ? 'EKS' : 'ECS',
    status: 'VALID',
    statusReason: 'ComputeEnvironment Healthy',
    ...body,
    ...(role === undefined ? {} : { serviceRole: role }),
    ...(exact && !computeResources ? {} : { computeResources: { type: 'EC2', ...computeResources } }),
    tags: tags ?? {},
  }
}

/** What AWS shows as the role of a MANAGED environment that was given none. */
function serviceLinkedRole({ partition, accountId }: Deployment): string {
  return `arn:${partition}:iam::${accountId}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch`
}
