import { limits } from '../../core/limits.ts'
import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome } from '../../core/model/outcome.ts'
import type { Page, PageQuery } from '../../objects/registry/registry-rpc.ts'

type DescribeInput = { maxResults?: number; nextToken?: string }

/** The page a client asks for; an empty token is the same as none. */
export function pageQuery({ maxResults, nextToken }: DescribeInput): PageQuery {
  return { maxResults: maxResults ?? limits.describeResources, ...(nextToken ? { nextToken } : {}) }
}

/** `nextToken` as an output has it: not at all on the last page. */
export function pageToken({ nextToken }: { nextToken?: string }): { nextToken?: string } {
  return nextToken === undefined ? {} : { nextToken }
}

/**
 * Asks `describe` for what clients list by name or ARN. No list means all; a list of which nothing can exist here
 * (ARNs of other accounts) means nothing, and is not asked.
 */
export async function describeNamed<Item>(
  deployment: Deployment,
  kind: string,
  namesOrArns: string[] | undefined,
  input: DescribeInput,
  describe: (names: string[], page: PageQuery) => Promise<Outcome<Page<Item>>>,
): Promise<Outcome<Page<Item>>> {
  const names = (namesOrArns ?? []).flatMap((text) => resourceName(deployment, kind, text) ?? [])
  if (namesOrArns?.length && names.length === 0) return accepted({ items: [] })
  return describe(names, pageQuery(input))
}
