import type { JobState } from './job.ts'
import type { Job } from './job-record.ts'

/** What a job is searched by, besides what it holds itself. */
export type Searched = {
  job: Job
  definition: { name: string; revision: number }
  /** As a client sees it. */
  statusReason: string | undefined
}

/** One condition; it holds when one of its values does. Times are epoch ms, and the moment itself is on neither side. */
export type JobCondition =
  | { name: 'STATUS'; states: JobState[] }
  /** Without regard to case; `*` stands for any text. */
  | { name: 'JOB_NAME'; values: string[] }
  /** A name (`*` behind it: a prefix) for all its revisions, or `name:revision`. */
  | { name: 'JOB_DEFINITION'; values: string[] }
  | { name: 'SHARE_IDENTIFIER'; values: string[] }
  | { name: 'TAG'; tags: { key: string; value?: string }[] }
  /** Part of the reason, without regard to case. */
  | { name: 'STATUS_REASON'; values: string[] }
  /** Of the last attempt. */
  | { name: 'EXIT_CODE'; codes: number[] }
  | { name: JobTime; at: number }

export type JobTime = `${'BEFORE' | 'AFTER'}_${'CREATED' | 'STARTED' | 'STOPPED'}_AT`

/** Whether all conditions hold of a job. */
export function matchesAll(searched: Searched, conditions: readonly JobCondition[]): boolean {
  return conditions.every((condition) => matches(searched, condition))
}

function matches(searched: Searched, condition: JobCondition): boolean {
  const { job, definition } = searched
  const { request, progress } = job
  switch (condition.name) {
    case 'STATUS':
      return condition.states.includes(progress.state)
    case 'JOB_NAME':
      return condition.values.some((pattern) => matchesPattern(request.jobName, pattern))
    case 'JOB_DEFINITION':
      return condition.values.some((value) => matchesDefinition(definition, value))
    case 'SHARE_IDENTIFIER':
      return condition.values.some((value) => matchesPrefix(request.shareIdentifier ?? '', value))
    case 'TAG':
      return condition.tags.some(({ key, value }) => matchesTag(request.tags ?? {}, key, value))
    case 'STATUS_REASON': {
      const reason = searched.statusReason?.toLowerCase()
      return condition.values.some((text) => reason?.includes(text.toLowerCase()))
    }
    case 'EXIT_CODE':
      return condition.codes.includes(progress.attempts.at(-1)?.exitCode ?? Number.NaN)
    default:
      return matchesTime(timeOf(job, condition.name), condition.name.startsWith('BEFORE'), condition.at)
  }
}

/** A name with any revision, or exactly `name:revision`. */
export function matchesDefinition({ name, revision }: Searched['definition'], value: string): boolean {
  return value === `${name}:${revision}` || matchesPrefix(name, value)
}

/** Exact, or a prefix with one trailing `*`. */
export function matchesPrefix(text: string, pattern: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

/** `*` for any text, anywhere, case aside. Takes time in proportion to the text, whatever the pattern. */
export function matchesPattern(text: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const whole = text.toLowerCase()
  const first = parts.shift()!
  const last = parts.pop()
  if (last === undefined) return whole === first
  if (!whole.startsWith(first) || whole.length < first.length + last.length || !whole.endsWith(last))
    return false
  let at = first.length
  for (const part of parts) {
    const found = whole.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= whole.length - last.length
}

function matchesTag(tags: Record<string, string>, key: string, value: string | undefined): boolean {
  return Object.hasOwn(tags, key) && (value === undefined || tags[key] === value)
}

function matchesTime(time: number | undefined, before: boolean, at: number): boolean {
  return time !== undefined && (before ? time < at : time > at)
}

function timeOf(job: Job, name: JobTime): number | undefined {
  const { progress, createdAt } = job
  if (name.endsWith('CREATED_AT')) return createdAt
  if (name.endsWith('STOPPED_AT')) return progress.stoppedAt
  return (progress.current ?? progress.attempts.at(-1))?.startedAt
}
