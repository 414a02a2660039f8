import { type LogRegex, matchesLogRegex, parseLogRegex } from './log-regex.ts'
import { accepted, type Outcome, refused } from './outcome.ts'

/** A text, or the source of a regular expression that `parseLogRegex` takes. */
export type LogTerm = string | { regex: string }

/** What lines are wanted: every term of `all`, one of `any` unless it is empty, and no term of `none`. Plain data. */
export type LogFilter = { all: LogTerm[]; any: LogTerm[]; none: LogTerm[] }

/** Lets every line through. */
export const everyLine: LogFilter = { all: [], any: [], none: [] }

/**
 * Parses CloudWatch Logs' patterns for unstructured lines: `term`, `"a phrase"`, `%expression%`, `?either ?or`,
 * `-without`. A term is found anywhere in a line, in the case given. JSON and space-delimited patterns are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseLogFilter(pattern: string): Outcome<LogFilter> {
  const text = pattern.trim()
  const kind = unsupported[text[0] ?? '']
  if (kind) return invalidPattern(`${kind} patterns are not supported by Longshore`)
  const filter: LogFilter = { all: [], any: [], none: [] }
  for (const [token] of text.matchAll(/[?-]?%[^%]*%|(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/gs)) {
    const prefix = /^[?-]/.exec(token)?.[0]
    const term = parseTerm(prefix ? token.slice(1) : token)
    if (!term.ok) return term
    // `" "` matches every line, also one without a space.
    if (typeof term.value === 'string' && term.value.trim() === '') continue
    const terms = prefix === '?' ? filter.any : prefix === '-' ? filter.none : filter.all
    terms.push(term.value)
  }
  const expressions = [...filter.all, ...filter.any, ...filter.none].filter(
    (term) => typeof term !== 'string',
  )
  if (expressions.length > expressionsMost)
    return invalidPattern(`at most ${expressionsMost} regular expressions are accepted`)
  return accepted(filter)
}

/** What tells whether a line is wanted. */
export function logLineTest(filter: LogFilter): (line: string) => boolean {
  const [all, any, none] = [filter.all, filter.any, filter.none].map((terms) => terms.map(termTest)) as [
    LineTest[],
    LineTest[],
    LineTest[],
  ]
  return (line) =>
    all.every((isIn) => isIn(line)) &&
    (any.length === 0 || any.some((isIn) => isIn(line))) &&
    !none.some((isIn) => isIn(line))
}

type LineTest = (line: string) => boolean

function termTest(term: LogTerm): LineTest {
  if (typeof term === 'string') return (line) => line.includes(term)
  const regex: LogRegex = parseLogRegex(term.regex) ?? []
  return (line) => matchesLogRegex(regex, line)
}

/** CloudWatch Logs' own bound. */
const expressionsMost = 2

const unsupported: Record<string, string> = {
  '{': 'JSON',
  '[': 'space-delimited',
}

function parseTerm(written: string): Outcome<LogTerm> {
  const regex = /^%(.*)%$/s.exec(written)?.[1]
  if (regex !== undefined)
    return parseLogRegex(regex)
      ? accepted({ regex })
      : invalidPattern(`regular expression ${written} is malformed, too long, or has what is not supported`)
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(written)?.[1]
  if (quoted !== undefined) return accepted(quoted.replace(/\\(["\\])/g, '$1'))
  if (written.includes('"')) return invalidPattern(`unbalanced quotation marks in term '${written}'`)
  if (/^[\p{L}\p{M}\p{N}_]+$/u.test(written)) return accepted(written)
  return invalidPattern(
    `Invalid character(s) in term '${written}': quote what is not letters, digits and underscores`,
  )
}

function invalidPattern(why: string) {
  return refused(`Invalid filter pattern: ${why}`, 'InvalidParameterException')
}
