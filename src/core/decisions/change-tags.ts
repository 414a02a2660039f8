import { limits } from '../limits.ts'
import { accepted, type Outcome, refused } from '../model/outcome.ts'
import type { TagChange, Tags } from '../model/tags.ts'

/** A resource's tags after TagResource or UntagResource. */
export function decideTags(now: Tags, change: TagChange): Outcome<Tags> {
  const touched = 'add' in change ? Object.keys(change.add) : change.remove
  if (touched.some((key) => key.startsWith('aws:')))
    return refused(`${'add' in change ? 'tags' : 'tagKeys'}: keys that begin with 'aws:' are reserved`)
  if ('remove' in change) {
    const removed = new Set(change.remove)
    return accepted(Object.fromEntries(Object.entries(now).filter(([key]) => !removed.has(key))))
  }
  const tags = { ...now, ...change.add }
  if (Object.keys(tags).length > limits.tagsPerResource)
    return refused(`tags: a resource must have at most ${limits.tagsPerResource} tags`)
  return accepted(tags)
}
