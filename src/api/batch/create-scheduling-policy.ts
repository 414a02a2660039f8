import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

export const createSchedulingPolicy = batchOperation(
  'CreateSchedulingPolicy',
  async ({ env, deployment }, { name, tags, ...body }) => {
    const created = await registryStub(env).createPolicy(name, body, tags)
    if (!created.ok) return created
    return accepted({ name, arn: batchArn(deployment, `scheduling-policy/${name}`) })
  },
)
