import { consumablesStub } from '../../bindings.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { consumableSummary } from './consumable-detail.ts'
import { pageQuery } from './describe-named.ts'

export const listConsumableResources = batchOperation(
  'ListConsumableResources',
  async ({ env, deployment }, input) => {
    const { maxResults, nextToken } = pageQuery(input)
    const after = nextToken === undefined ? undefined : decodeName(nextToken)
    if (nextToken !== undefined && after === undefined)
      return refused('nextToken: not a token of this operation')
    const { items, more } = await consumablesStub(env).listResources({
      names: (input.filters ?? []).flatMap(({ values }) => values ?? []),
      maxResults,
      ...(after === undefined ? {} : { after }),
    })
    const last = items.at(-1)
    return accepted({
      consumableResources: items.map((resource) => consumableSummary(deployment, resource)),
      ...(more && last ? { nextToken: btoa(`name/${last.name}`) } : {}),
    })
  },
)

/** A token is the last name of the page before. */
function decodeName(token: string): string | undefined {
  try {
    return /^name\/(.+)$/.exec(atob(token))?.[1]
  } catch {
    return undefined
  }
}
