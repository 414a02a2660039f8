import { registryStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const registerJobDefinition = batchOperation(
  'RegisterJobDefinition',
  async ({ env, deployment }, input) => {
    const { jobDefinitionName, containerProperties, eksProperties, ...rest } = input
    // Some clients name the bodies that they do not use.
    const body = {
      ...rest,
      ...(containerProperties?.image === undefined ? {} : { containerProperties }),
      ...(eksProperties?.podProperties ? { eksProperties } : {}),
    }
    const registered = await registryStub(env).registerDefinition(jobDefinitionName, body)
    if (!registered.ok) return registered
    const { name, revision } = registered.value
    return accepted({
      jobDefinitionName: name,
      jobDefinitionArn: batchArn(deployment, `job-definition/${name}:${revision}`),
      revision,
    })
  },
  { requestBytes: limits.jobDefinitionBytes },
)
