import * as z from 'zod'
import { limits } from '../../../core/limits.ts'

/** Members that several operations share. Their rules are those of the AWS Batch API. */

/** The model's Integer: 32 bits, signed. */
const maxInteger = 2 ** 31 - 1

export function integer(min: number, max: number = maxInteger) {
  return z.int().min(min).max(max)
}

export const jobName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/, {
  error: ({ input }) =>
    `Job name should match valid pattern: must match ^[a-zA-Z0-9][a-zA-Z0-9_-]{0,${limits.nameLength - 1}}$${overLength(input)}`,
})

/** The name of a queue, environment or definition that is being made. */
export const newName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/)

/** A name or ARN of something that should exist. */
export const nameOrArn = z.string().min(1).max(512)

export const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(limits.tagKeyLength)
      .refine((key) => !key.startsWith('aws:'), "must not begin with the reserved prefix 'aws:'"),
    z.string().max(limits.tagValueLength),
  )
  .refine((all) => Object.keys(all).length <= limits.tagsPerResource, {
    error: `must have at most ${limits.tagsPerResource} entries`,
  })

/**
 * A share: letters and digits and, at the end, possibly `*` (AWS); or, Longshore's own, a path of such segments from
 * the top of the tree of shares. Empty, it is the same as none.
 */
export function shareIdentifier(text: z.ZodString): z.ZodString {
  return text.max(limits.shareIdentifierLength).regex(sharePattern, {
    error: `must be up to ${limits.shareLevels} segments of letters and digits with / between them, the last of which may end in *`,
  })
}

const sharePattern = new RegExp(
  `^(?:|(?:[a-zA-Z0-9]+/){0,${limits.shareLevels - 1}}(?:[a-zA-Z0-9]+[*]?|[*]))$`,
)

/** A page of a Describe or List operation; an empty token is the same as none. */
export const maxResults = () => integer(1, limits.describeResources)
export const nextToken = () => z.string().max(2048)

/** A member of the API that Longshore cannot honour yet: refused by name unless it is empty. */
export function unsupported(why: string): z.ZodType {
  return z.unknown().refine(isEmpty, { error: `not supported yet: ${why}` })
}

/** Whether a value asks for nothing: absent, false, or an empty text, list or object. */
export function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === '' || value === false
}

function overLength(input: unknown): string {
  const length = typeof input === 'string' ? input.length : 0
  return length > limits.nameLength ? ` (${length} characters)` : ''
}
