import { registryStub } from '../../bindings.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const deleteComputeEnvironment = batchOperation(
  'DeleteComputeEnvironment',
  async ({ env, deployment }, { computeEnvironment }) => {
    const name = resourceName(deployment, 'compute-environment', computeEnvironment)
    if (name === undefined)
      return refused(`computeEnvironment: compute environment ${computeEnvironment} does not exist`)
    return registryStub(env).deleteEnvironment(name)
  },
)
