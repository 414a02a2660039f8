import { registryStub } from '../../bindings.ts'
import { batchArn, resourceName } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const updateComputeEnvironment = batchOperation(
  'UpdateComputeEnvironment',
  async ({ env, deployment }, input) => {
    const { computeEnvironment, ...change } = input
    const name = resourceName(deployment, 'compute-environment', computeEnvironment)
    if (name === undefined)
      return refused(`computeEnvironment: compute environment ${computeEnvironment} does not exist`)
    const updated = await registryStub(env).updateEnvironment(name, change)
    if (!updated.ok) return updated
    return accepted({
      computeEnvironmentName: name,
      computeEnvironmentArn: batchArn(deployment, `compute-environment/${name}`),
    })
  },
)
