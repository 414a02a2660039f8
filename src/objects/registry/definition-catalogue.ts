import { limits } from '../../core/limits.ts'
import type { JobDefinition, JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { badToken, type Catalogue, decodeToken, encodeToken } from './catalogue.ts'
import type { DescribeDefinitions, Page } from './registry-rpc.ts'

/** The job definitions of a deployment. A deregistered one stays: jobs that name it go on, and it describes back. */
export class DefinitionCatalogue {
  private readonly catalogue: Catalogue

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  register(name: string, body: JobDefinitionBody): Promise<Outcome<{ name: string; revision: number }>> {
    return this.catalogue.change(() => {
      const bytes = new TextEncoder().encode(JSON.stringify(body)).byteLength
      if (bytes > limits.jobDefinitionStoredBytes)
        return refused(
          `Job definition is too large: ${bytes} bytes, at most ${limits.jobDefinitionStoredBytes} are allowed`,
        )
      return accepted({ name, revision: this.catalogue.store.insertDefinition(name, body) })
    })
  }

  /** A repeat changes nothing. */
  deregister(ref: JobDefinitionRef): Promise<Outcome<Record<string, never>>> {
    const { store } = this.catalogue
    return this.catalogue.change(() => {
      const definition = store.definition(ref)
      if (!definition)
        return refused(
          `jobDefinition: job definition ${ref.name}${ref.revision === undefined ? '' : `:${ref.revision}`} does not exist`,
        )
      store.saveDefinition({ ...definition, status: 'INACTIVE' })
      return accepted({})
    })
  }

  describe(query: DescribeDefinitions): Outcome<Page<JobDefinition>> {
    const { store } = this.catalogue
    if ('refs' in query) {
      const found = query.refs.map((ref) => store.definition(ref))
      return accepted({ items: found.filter((definition) => definition !== undefined) })
    }
    const { maxResults, nextToken } = query.page
    const after = nextToken ? decodeToken(nextToken) : undefined
    if (nextToken && !after) return badToken
    const items = store.listDefinitions(query, after, maxResults + 1)
    const page = items.slice(0, maxResults)
    const last = page.at(-1)
    return accepted({
      items: page,
      ...(items.length > maxResults && last ? { nextToken: encodeToken(last) } : {}),
    })
  }

  resolve(refs: JobDefinitionRef[]): (JobDefinition | undefined)[] {
    return refs.map((ref) => this.catalogue.store.definition(ref))
  }
}
