import { registryStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'
import { registerJobDefinitionInput } from './schemas/job-definition.ts'

export const registerJobDefinition = operation({
  name: 'RegisterJobDefinition',
  schema: registerJobDefinitionInput,
  requestBytes: limits.jobDefinitionBytes,
  async handle({ env, deployment }, input) {
    const {
      jobDefinitionName,
      ecsProperties,
      eksProperties,
      nodeProperties,
      consumableResourceProperties,
      ...body
    } = input
    const registered = await registryStub(env).registerDefinition(jobDefinitionName, body)
    if (!registered.ok) return registered
    const { name, revision } = registered.value
    return accepted({
      jobDefinitionName: name,
      jobDefinitionArn: batchArn(deployment, `job-definition/${name}:${revision}`),
      revision,
    })
  },
})
