import { registryStub } from '../../bindings.ts'
import type { JobDefinition } from '../../core/model/job-definition.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { parseDefinitionRef } from './definition-ref.ts'
import { pageQuery, pageToken } from './describe-named.ts'
import { jobDefinitionDetail } from './job-definition-detail.ts'

export const describeJobDefinitions = batchOperation(
  'DescribeJobDefinitions',
  async ({ env, deployment }, input) => {
    const { jobDefinitions: named, jobDefinitionName: name, status } = input
    const refs = (named ?? []).flatMap((text) => parseDefinitionRef(deployment, text) ?? [])
    if (named?.length && refs.length === 0) return accepted({ jobDefinitions: [] })
    const page = await registryStub(env).describeDefinitions(
      refs.length > 0
        ? { refs }
        : {
            page: pageQuery(input),
            ...(name ? { name } : {}),
            ...(status ? { status: status as JobDefinition['status'] } : {}),
          },
    )
    if (!page.ok) return page
    return accepted({
      jobDefinitions: page.value.items.map((definition) => jobDefinitionDetail(deployment, definition)),
      ...pageToken(page.value),
    })
  },
)
