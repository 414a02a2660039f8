import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { pageQuery, pageToken } from './describe-named.ts'

export const listSchedulingPolicies = batchOperation(
  'ListSchedulingPolicies',
  async ({ env, deployment }, input) => {
    const page = await registryStub(env).describePolicies([], pageQuery(input))
    if (!page.ok) return page
    return accepted({
      schedulingPolicies: page.value.items.map(({ name }) => ({
        arn: batchArn(deployment, `scheduling-policy/${name}`),
      })),
      ...pageToken(page.value),
    })
  },
)
