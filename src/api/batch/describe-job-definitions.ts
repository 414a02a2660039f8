import { registryStub } from '../../bindings.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'
import { parseDefinitionRef } from './definition-ref.ts'
import { pageQuery, pageToken } from './describe-named.ts'
import { jobDefinitionDetail } from './job-definition-detail.ts'
import { describeJobDefinitionsInput } from './schemas/job-definition.ts'

export const describeJobDefinitions = operation({
  name: 'DescribeJobDefinitions',
  schema: describeJobDefinitionsInput,
  async handle({ env, deployment }, input) {
    const { jobDefinitions: named, jobDefinitionName: name, status } = input
    const refs = (named ?? []).flatMap((text) => parseDefinitionRef(deployment, text) ?? [])
    if (named?.length && refs.length === 0) return accepted({ jobDefinitions: [] })
    const page = await registryStub(env).describeDefinitions(
      refs.length > 0
        ? { refs }
        : { page: pageQuery(input), ...(name ? { name } : {}), ...(status ? { status } : {}) },
    )
    if (!page.ok) return page
    return accepted({
      jobDefinitions: page.value.items.map((definition) => jobDefinitionDetail(deployment, definition)),
      ...pageToken(page.value),
    })
  },
})
