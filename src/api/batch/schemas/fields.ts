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

export const enabledOrDisabled = z.enum(['ENABLED', 'DISABLED'])

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

export const parameters = z.record(z.string(), z.string())

export const retryStrategy = z
  .object({
    attempts: integer(1, limits.attempts).exactOptional(),
    evaluateOnExit: z
      .array(
        z.object({
          onStatusReason: textPattern().exactOptional(),
          onReason: textPattern().exactOptional(),
          onExitCode: z
            .string()
            .max(512)
            .regex(/^[0-9]*\*?$/)
            .exactOptional(),
          action: z.string().regex(/^(retry|exit)$/i, 'must be one of RETRY, EXIT'),
        }),
      )
      .max(limits.evaluateOnExit)
      .exactOptional(),
  })
  .refine((strategy) => strategy.attempts !== undefined || !strategy.evaluateOnExit?.length, {
    error: 'RetryAttempts must be provided with retry strategy',
  })

function textPattern() {
  return z
    .string()
    .max(512)
    .regex(/^[0-9a-zA-Z.:\s]*\*?$/)
}

export const timeout = z.object({
  attemptDurationSeconds: integer(limits.attemptDurationSecondsMin).exactOptional(),
})

/** Paging; an empty token is the same as none. */
export const page = {
  maxResults: integer(1, limits.describeResources).exactOptional(),
  nextToken: z.string().max(2048).exactOptional(),
}

export const reason = z.string().max(limits.reasonLength)

/** A member of the API that Longshore cannot honour yet: refused by name unless it is empty. */
export function notSupported(why: string) {
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
