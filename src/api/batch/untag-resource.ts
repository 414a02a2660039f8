import { batchOperation } from './batch-operation.ts'
import { tagHolder } from './tag-holder.ts'

export const untagResource = batchOperation('UntagResource', async (context, { resourceArn, tagKeys }) => {
  const holder = tagHolder(context, resourceArn)
  return holder.ok ? holder.value.change({ remove: tagKeys }) : holder
})
