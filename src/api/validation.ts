import type { z } from 'zod'
import { accepted, type Outcome, refused } from '../core/model/outcome.ts'

/** What a schema makes of a request's input, or a refusal that names the first wrong member and its rule. */
export function parseInput<Input>(schema: z.ZodType<Input>, input: unknown, code: string): Outcome<Input> {
  const parsed = schema.safeParse(input, { error: ruleText })
  if (parsed.success) return accepted(parsed.data)
  const issue = parsed.error.issues[0]
  if (!issue) return refused('request is malformed', code)
  return refused(`${pathText(issue.path)}: ${issue.message}`, code)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/**
 * JSON as AWS services read it: an empty body is an empty object, a null member of an object is absent.
 * Undefined for what is not JSON.
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.byteLength === 0) return {}
  try {
    const text = utf8.decode(body)
    return text.includes('null') ? JSON.parse(text, withoutNulls) : JSON.parse(text)
  } catch {
    return undefined
  }
}

function withoutNulls(this: unknown, _key: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value
}

const typeNames: Record<string, string> = {
  string: 'a string',
  number: 'an integer',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

type Issue = z.core.$ZodRawIssue

function ruleText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'required' : `must be ${typeNames[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return issue.input === undefined ? 'required' : `must be one of ${issue.values.join(', ')}`
    case 'too_big':
      return `must ${measure(issue.origin, 'at most', issue.maximum)}`
    case 'too_small':
      if (issue.minimum === 1 && issue.origin !== 'number') return 'must not be empty'
      return `must ${measure(issue.origin, 'at least', issue.minimum)}`
    case 'invalid_format':
      return `must match ${String(issue.pattern ?? issue.format).replace(/^\/(.*)\/\w*$/, '$1')}`
    case 'invalid_key':
      return `key ${issue.issues[0]?.message ?? 'is malformed'}`
    default:
      return 'is malformed'
  }
}

function measure(origin: string, bound: string, count: number | bigint): string {
  if (origin === 'string') return `be ${bound} ${count} characters long`
  if (origin === 'array') return `have ${bound} ${count} ${count === 1 ? 'entry' : 'entries'}`
  return `be ${bound} ${count}`
}

/** `containerProperties.environment[0].name`; a client's own overlong key is cut. */
function pathText(path: PropertyKey[]): string {
  if (path.length === 0) return 'request body'
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${String(step)}`))
    .join('')
    .slice(0, 256)
}
