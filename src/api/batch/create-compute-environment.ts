import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const createComputeEnvironment = batchOperation(
  'CreateComputeEnvironment',
  async ({ env, deployment }, input) => {
    const { computeEnvironmentName: name, ...body } = input
    const created = await registryStub(env).createEnvironment(name, { state: 'ENABLED', ...body })
    if (!created.ok) return created
    return accepted({
      computeEnvironmentName: name,
      computeEnvironmentArn: batchArn(deployment, `compute-environment/${name}`),
    })
  },
)
