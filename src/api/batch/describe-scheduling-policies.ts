import { registryStub } from '../../bindings.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { describeNamed } from './describe-named.ts'

/** An empty list names nothing; all policies are for ListSchedulingPolicies to tell. */
export const describeSchedulingPolicies = batchOperation(
  'DescribeSchedulingPolicies',
  async ({ env, deployment }, { arns }) => {
    if (arns.length === 0) return accepted({ schedulingPolicies: [] })
    const page = await describeNamed(deployment, 'scheduling-policy', arns, {}, (names, query) =>
      registryStub(env).describePolicies(names, query),
    )
    if (!page.ok) return page
    return accepted({
      schedulingPolicies: page.value.items.map(({ name, body, tags }) => ({
        name,
        arn: batchArn(deployment, `scheduling-policy/${name}`),
        ...body,
        tags: tags ?? {},
      })),
    })
  },
)
