import type { JobRequest } from './job.ts'
import type { JobDefinitionBody } from './job-definition.ts'
import type { Constraints } from './placement-constraints.ts'

/** A definition's constraints with the job's in place of them, member by member, and the platform it was made for. */
export function effectiveConstraints(
  body: Pick<JobDefinitionBody, 'placementConstraints' | 'containerProperties' | 'ecsProperties'>,
  request: Pick<JobRequest, 'placementConstraints'>,
): Constraints | undefined {
  const platform = (body.ecsProperties?.taskProperties?.[0] ?? body.containerProperties)?.runtimePlatform
  const constraints: Constraints = { ...body.placementConstraints, ...request.placementConstraints }
  if (platform?.cpuArchitecture)
    constraints.architecture = platform.cpuArchitecture as Constraints['architecture'] & string
  return Object.keys(constraints).length === 0 ? undefined : constraints
}
