import {
  architectureOf,
  type ComputeResources,
  type EnvironmentBody,
  isFargate,
} from '../model/environment.ts'

/** Members that say what instances to launch: where the provider chooses them, they mean nothing. */
const instanceMembers = [
  'allocationStrategy',
  'bidPercentage',
  'desiredvCpus',
  'minvCpus',
  'imageId',
  'instanceTypes',
  'ec2Configuration',
  'ec2KeyPair',
  'instanceRole',
  'launchTemplate',
  'placementGroup',
  'spotIamFleetRole',
]

/** Changing one of these replaces the instances (aws-batch user guide, "Updating compute environments"). */
export const infrastructureMembers = [
  'allocationStrategy',
  'instanceTypes',
  'bidPercentage',
  'type',
  'imageId',
  'ec2Configuration',
  'launchTemplate',
  'ec2KeyPair',
  'subnets',
  'securityGroupIds',
  'placementGroup',
  'instanceRole',
  'tags',
]

/**
 * The first rule that the `computeResources` of a MANAGED environment break, or undefined. Rules and, where they are
 * known, texts are those of the AWS Batch API.
 */
export function brokenResourcesRule(body: EnvironmentBody): string | undefined {
  const resources = body.computeResources
  if (!resources) return 'computeResources: required for a MANAGED compute environment'
  const { type } = resources
  const managedInstances = type === 'ECS_MANAGED_INSTANCES'
  if (managedInstances !== isGiven(resources.managedInstancesProvider))
    return managedInstances
      ? 'computeResources.managedInstancesProvider: required for ECS_MANAGED_INSTANCES'
      : 'computeResources.managedInstancesProvider: applies to ECS_MANAGED_INSTANCES only'
  if (body.eksConfiguration && (managedInstances || isFargate(type)))
    return `computeResources.type: ${type} cannot run on an EKS cluster; must be one of EC2, SPOT`
  if (managedInstances)
    return notApplicable(
      resources,
      [...instanceMembers, 'subnets', 'securityGroupIds'],
      'ECS Managed Instances',
    )
  if (isFargate(type)) return brokenFargateRule(resources)
  return brokenInstancesRule(resources, body.eksConfiguration !== undefined)
}

function brokenFargateRule(resources: ComputeResources): string | undefined {
  const refusal = notApplicable(resources, [...instanceMembers, 'tags'], 'Fargate')
  if (refusal !== undefined) return refusal
  const subnets = listLength(resources.subnets)
  if (subnets < 1 || subnets > 16)
    return 'computeResources.subnets: must have 1 to 16 entries for a Fargate compute environment'
  const groups = listLength(resources.securityGroupIds)
  if (groups < 1 || groups > 5)
    return 'computeResources.securityGroupIds: must have 1 to 5 entries for a Fargate compute environment'
  return undefined
}

function brokenInstancesRule(resources: ComputeResources, eks: boolean): string | undefined {
  const { type, maxvCpus, minvCpus = 0, desiredvCpus = minvCpus, instanceTypes = [] } = resources
  if (listLength(resources.subnets) === 0)
    return `computeResources.subnets: required for compute resources of type ${type}`
  if (minvCpus > maxvCpus) return 'computeResources.minvCpus: must be at most maxvCpus'
  if (desiredvCpus < minvCpus || desiredvCpus > maxvCpus)
    return 'computeResources.desiredvCpus: must be from minvCpus to maxvCpus'
  if (new Set(instanceTypes.map(architectureOf)).size > 1)
    return 'computeResources.instanceTypes: must be of one architecture'
  const strategy = strategyOf(resources, eks)
  if (eks && strategy === 'BEST_FIT')
    return 'computeResources.allocationStrategy: BEST_FIT cannot be used on an EKS cluster'
  if (strategy.startsWith('SPOT_') && type !== 'SPOT')
    return `computeResources.allocationStrategy: ${strategy} applies to SPOT only`
  if (strategy === 'BEST_FIT_PROGRESSIVE_ORDERED' && type === 'SPOT')
    return `computeResources.allocationStrategy: ${strategy} applies to EC2 only`
  if (type === 'SPOT' && strategy === 'BEST_FIT' && !isGiven(resources.spotIamFleetRole))
    return 'computeResources.spotIamFleetRole: required for SPOT with the allocation strategy BEST_FIT'
  return brokenImageRule(resources, eks)
}

function brokenImageRule(resources: ComputeResources, eks: boolean): string | undefined {
  const configurations = (resources.ec2Configuration ?? []) as { imageType?: string }[]
  const prefix = eks ? 'EKS_' : 'ECS_'
  for (const { imageType } of configurations)
    if (imageType?.match(/^(ECS|EKS)_/) && !imageType.startsWith(prefix))
      return `computeResources.ec2Configuration: image type ${imageType} does not run on ${eks ? 'EKS' : 'ECS'}`
  return undefined
}

/** The strategy in force: what the user named, or the default of the orchestrator. */
export function strategyOf(resources: ComputeResources, eks: boolean): string {
  return resources.allocationStrategy || (eks ? 'BEST_FIT_PROGRESSIVE' : 'BEST_FIT')
}

function notApplicable(resources: ComputeResources, members: string[], where: string): string | undefined {
  const member = members.find((name) => isGiven(resources[name]))
  return member && `${member} is not applicable for ${where}.`
}

/** Whether a member says anything; clients send empty texts and lists for what they leave out. */
function isGiven(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== ''
}

function listLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
