import { decideTags } from '../../core/decisions/change-tags.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import type { Catalogue } from './catalogue.ts'
import type { TaggedResource } from './registry-rpc.ts'

/** The tags of what the registry keeps. They are for people: no object needs to be told of them. */
export class ResourceTags {
  private readonly catalogue: Catalogue

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  of(resource: TaggedResource): Outcome<Tags> {
    const held = this.holder(resource)
    return held ? accepted(held.tags) : missing(resource)
  }

  change(resource: TaggedResource, change: TagChange): Promise<Outcome<Record<string, never>>> {
    return this.catalogue.change(() => {
      const held = this.holder(resource)
      if (!held) return missing(resource)
      const tags = decideTags(held.tags, change)
      if (!tags.ok) return tags
      held.save(tags.value)
      return accepted({})
    })
  }

  private holder(resource: TaggedResource): { tags: Tags; save: (tags: Tags) => void } | undefined {
    const { store } = this.catalogue
    const { kind, name } = resource
    if (kind === 'definition') {
      const definition = store.definition(resource)
      if (!definition) return undefined
      const { body } = definition
      return {
        tags: body.tags ?? {},
        save: (tags) => store.saveDefinition({ ...definition, body: { ...body, tags } }),
      }
    }
    if (kind === 'environment') {
      const config = store.byName(kind, name)
      if (!config) return undefined
      const { body } = config
      return {
        tags: body.tags ?? {},
        save: (tags) => store.save(kind, { ...config, body: { ...body, tags } }),
      }
    }
    const config = store.byName(kind, name)
    return config && { tags: config.tags ?? {}, save: (tags) => store.save(kind, { ...config, tags }) }
  }
}

function missing({ name }: TaggedResource) {
  return refused(`resourceArn: resource ${name} does not exist`)
}
