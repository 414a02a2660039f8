import { batchOperation } from './batch-operation.ts'
import { tagHolder } from './tag-holder.ts'

export const tagResource = batchOperation('TagResource', async (context, { resourceArn, tags }) => {
  const holder = tagHolder(context, resourceArn)
  return holder.ok ? holder.value.change({ add: tags }) : holder
})
