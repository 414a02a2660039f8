import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'
import { createComputeEnvironmentInput } from './schemas/compute-environment.ts'

export const createComputeEnvironment = operation({
  name: 'CreateComputeEnvironment',
  schema: createComputeEnvironmentInput,
  async handle({ env, deployment }, input) {
    const { computeEnvironmentName: name, computeResources, eksConfiguration, ...body } = input
    const created = await registryStub(env).createEnvironment(name, { state: 'ENABLED', ...body })
    if (!created.ok) return created
    return accepted({
      computeEnvironmentName: name,
      computeEnvironmentArn: batchArn(deployment, `compute-environment/${name}`),
    })
  },
})
