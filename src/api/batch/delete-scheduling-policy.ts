import { registryStub } from '../../bindings.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const deleteSchedulingPolicy = batchOperation(
  'DeleteSchedulingPolicy',
  async ({ env, deployment }, { arn }) => {
    const name = resourceName(deployment, 'scheduling-policy', arn)
    if (name === undefined) return refused(`arn: scheduling policy ${arn} does not exist`)
    return registryStub(env).deletePolicy(name)
  },
)
