import { registryStub } from '../../bindings.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { computeEnvironmentDetail } from './compute-environment-detail.ts'
import { describeNamed, pageToken } from './describe-named.ts'

export const describeComputeEnvironments = batchOperation(
  'DescribeComputeEnvironments',
  async ({ env, deployment, userAgent = '' }, input) => {
    const page = await describeNamed(
      deployment,
      'compute-environment',
      input.computeEnvironments,
      input,
      (names, query) => registryStub(env).describeEnvironments(names, query),
    )
    if (!page.ok) return page
    const exact = /\bTerraform\b/.test(userAgent)
    return accepted({
      computeEnvironments: page.value.items.map((config) =>
        computeEnvironmentDetail(deployment, config, exact),
      ),
      ...pageToken(page.value),
    })
  },
)
