import { accepted, type Outcome, refused } from './outcome.ts'

/** What lines are wanted: every term of `all`, one of `any` unless it is empty, and no term of `none`. Plain data. */
export type LogFilter = { all: string[]; any: string[]; none: string[] }

/** Lets every line through. */
export const everyLine: LogFilter = { all: [], any: [], none: [] }

/**
 * Parses CloudWatch Logs' patterns for unstructured lines: `term`, `"a phrase"`, `?either ?or`, `-without`. A term is
 * found anywhere in a line, in the case given. JSON, space-delimited and regular-expression patterns are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseLogFilter(pattern: string): Outcome<LogFilter> {
  const text = pattern.trim()
  const kind = unsupported[text[0] ?? '']
  if (kind) return invalidPattern(`${kind} patterns are not supported by Longshore`)
  const filter: LogFilter = { all: [], any: [], none: [] }
  for (const [token] of text.matchAll(/(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/gs)) {
    const prefix = /^[?-]/.exec(token)?.[0]
    const term = parseTerm(prefix ? token.slice(1) : token)
    if (!term.ok) return term
    // `" "` matches every line, also one without a space.
    if (term.value.trim() === '') continue
    const terms = prefix === '?' ? filter.any : prefix === '-' ? filter.none : filter.all
    terms.push(term.value)
  }
  return accepted(filter)
}

export function matchesLogFilter({ all, any, none }: LogFilter, line: string): boolean {
  return (
    all.every((term) => line.includes(term)) &&
    (any.length === 0 || any.some((term) => line.includes(term))) &&
    !none.some((term) => line.includes(term))
  )
}

const unsupported: Record<string, string> = {
  '{': 'JSON',
  '[': 'space-delimited',
  '%': 'regular-expression',
}

function parseTerm(written: string): Outcome<string> {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(written)?.[1]
  if (quoted !== undefined) return accepted(quoted.replace(/\\(["\\])/g, '$1'))
  if (written.startsWith('%'))
    return invalidPattern(`${unsupported['%']} patterns are not supported by Longshore`)
  if (written.includes('"')) return invalidPattern(`unbalanced quotation marks in term '${written}'`)
  if (/^[\p{L}\p{M}\p{N}_]+$/u.test(written)) return accepted(written)
  return invalidPattern(
    `Invalid character(s) in term '${written}': quote what is not letters, digits and underscores`,
  )
}

function invalidPattern(why: string) {
  return refused(`Invalid filter pattern: ${why}`, 'InvalidParameterException')
}
