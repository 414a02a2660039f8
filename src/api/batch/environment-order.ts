import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { CreateQueue } from '../../objects/registry/registry-rpc.ts'

type Entry = { order: number; computeEnvironment: string }

/** `computeEnvironmentOrder`, sorted, with names instead of ARNs. */
export function environmentOrder(
  deployment: Deployment,
  entries: Entry[],
): Outcome<Pick<CreateQueue, 'environments'> & { environmentOrders: number[] }> {
  const environments: string[] = []
  const inOrder = entries.toSorted((a, b) => a.order - b.order)
  for (const { computeEnvironment } of inOrder) {
    const environment = resourceName(deployment, 'compute-environment', computeEnvironment)
    if (environment === undefined)
      return refused(`computeEnvironmentOrder: compute environment ${computeEnvironment} does not exist`)
    if (environments.includes(environment))
      return refused(`computeEnvironmentOrder: compute environment ${computeEnvironment} is named twice`)
    environments.push(environment)
  }
  return accepted({ environments, environmentOrders: inOrder.map(({ order }) => order) })
}

/** A scheduling policy's ARN as it is stored; its name, and what is no policy of this deployment, are refused. */
export function refuseForeignPolicy(deployment: Deployment, arn: string): string | undefined {
  if (arn === '' || (arn.startsWith('arn:') && resourceName(deployment, 'scheduling-policy', arn)))
    return undefined
  return `schedulingPolicyArn: scheduling policy ${arn} does not exist`
}
