import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { nameOrArn, tags } from './fields.ts'
import type { Rules } from './rule.ts'

/** How many tags a resource has in the end is decided with those it has (`core/decisions/change-tags.ts`). */
export const tagRules: Rules = {
  'ListTagsForResourceRequest.resourceArn': () => nameOrArn,
  'TagResourceRequest.resourceArn': () => nameOrArn,
  'TagResourceRequest.tags': () =>
    tags.refine((all) => Object.keys(all).length > 0, { error: 'must not be empty' }),
  'UntagResourceRequest.resourceArn': () => nameOrArn,
  'UntagResourceRequest.tagKeys': () =>
    z.array(z.string().min(1).max(limits.tagKeyLength)).min(1).max(limits.tagsPerResource),
}
