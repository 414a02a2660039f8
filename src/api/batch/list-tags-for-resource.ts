import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { tagHolder } from './tag-holder.ts'

export const listTagsForResource = batchOperation('ListTagsForResource', async (context, { resourceArn }) => {
  const holder = tagHolder(context, resourceArn)
  if (!holder.ok) return holder
  const tags = await holder.value.tags()
  return tags.ok ? accepted({ tags: tags.value }) : tags
})
