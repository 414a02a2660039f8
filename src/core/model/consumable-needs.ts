import type { ConsumableNeed, ConsumableProperties } from './consumable.ts'
import { type Deployment, resourceName } from './deployment.ts'
import { nodeKinds } from './effective-nodes.ts'
import type { JobRequest } from './job.ts'
import type { JobDefinition, JobDefinitionBody } from './job-definition.ts'

type Requirement = NonNullable<ConsumableProperties['consumableResourceList']>[number]

/**
 * The consumable resources of a job as DescribeJobs shows them: the definition's list, in which the job's own entries
 * replace those of the same resource. Undefined where neither names any.
 */
export function effectiveConsumables(
  deployment: Deployment,
  body: JobDefinitionBody,
  request: JobRequest,
): ConsumableProperties | undefined {
  const own = request.consumableResourcePropertiesOverride?.consumableResourceList ?? []
  const defined = body.consumableResourceProperties?.consumableResourceList ?? []
  if (own.length + defined.length === 0) return undefined
  const overridden = new Set(own.map((entry) => nameOf(deployment, entry)))
  return {
    consumableResourceList: [
      ...defined.filter((entry) => !overridden.has(nameOf(deployment, entry))),
      ...own,
    ],
  }
}

/**
 * What each attempt of the job (of each child of an array) must hold from its placement to its end, by resource name;
 * empty for nearly every job. Of a multi-node parallel job it is what all its nodes need together.
 */
export function consumableNeeds(
  deployment: Deployment,
  definition: JobDefinition,
  request: JobRequest,
): ConsumableNeed[] {
  const needs = new Map<string, number>()
  const add = (body: JobDefinitionBody, of: JobRequest, times: number) => {
    for (const entry of effectiveConsumables(deployment, body, of)?.consumableResourceList ?? []) {
      const name = nameOf(deployment, entry)
      const quantity = (entry.quantity ?? 0) * times
      if (quantity > 0) needs.set(name, (needs.get(name) ?? 0) + quantity)
    }
  }
  add(definition.body, request, 1)
  if (definition.body.nodeProperties) {
    const { kinds, kindOf } = nodeKinds(definition, request)
    kinds.forEach((kind, at) => {
      add(kind.definition.body, kind.request, kindOf.filter((of) => of === at).length)
    })
  }
  return [...needs].map(([resource, quantity]) => ({ resource, quantity }))
}

/** An ARN of another account or region stays as it is, which is no resource's name. */
function nameOf(deployment: Deployment, { consumableResource = '' }: Requirement): string {
  return resourceName(deployment, 'consumable-resource', consumableResource) ?? consumableResource
}
