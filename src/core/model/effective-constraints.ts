import type { JobRequest } from './job.ts'
import type { JobDefinitionBody } from './job-definition.ts'
import type { Constraints, PlacementConstraints } from './placement-constraints.ts'

type Placed = Pick<JobDefinitionBody, 'placementConstraints'>

/** A definition's `placementConstraints` with the job's in place of them, member by member; undefined: it has none. */
export function effectivePlacement(body: Placed, request: Placed): PlacementConstraints | undefined {
  const constraints = { ...body.placementConstraints, ...request.placementConstraints }
  return Object.keys(constraints).length === 0 ? undefined : constraints
}

/** The same with the platform that its containers were made for. */
export function effectiveConstraints(
  body: Pick<JobDefinitionBody, 'placementConstraints' | 'containerProperties' | 'ecsProperties'>,
  request: Pick<JobRequest, 'placementConstraints'>,
): Constraints | undefined {
  const platform = (body.ecsProperties?.taskProperties?.[0] ?? body.containerProperties)?.runtimePlatform
  const placement = effectivePlacement(body, request)
  if (!platform?.cpuArchitecture) return placement
  return { ...placement, architecture: platform.cpuArchitecture as Constraints['architecture'] & string }
}
