import type * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { jobStates } from '../../../core/model/job.ts'
import { integer, nameOrArn, nextToken } from './fields.ts'
import type { Rules } from './rule.ts'

/** SearchJobs, which is Longshore's own. */
export const searchRules: Rules = {
  'SearchJobsRequest.jobQueue': () => nameOrArn,
  'SearchJobsRequest.filters': (list: z.ZodArray) => list.max(limits.searchFilters),
  'SearchJobsRequest.maxResults': () => integer(1, limits.listJobsPage),
  'SearchJobsRequest.nextToken': nextToken,
  'SearchFilter.values': (list: z.ZodArray) => list.min(1).max(limits.searchFilters),
  SearchFilter: (filter: z.ZodObject) => filter.check(valuesFitTheName),
}

function valuesFitTheName({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { name, values } = value as { name: string; values: string[] }
  const refuse = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: value, path, message })
  if (name.endsWith('_AT') && values.length !== 1) return void refuse(['values'], 'must have exactly 1 entry')
  for (const [at, text] of values.entries()) {
    const rule = ruleBroken(name, text)
    if (rule !== undefined) refuse(['values', at], rule)
  }
}

function ruleBroken(name: string, text: string): string | undefined {
  if (name.endsWith('_AT'))
    return /^\d{1,15}$/.test(text) ? undefined : 'must be a time in epoch milliseconds'
  if (name === 'STATUS')
    return (jobStates as readonly string[]).includes(text)
      ? undefined
      : `must be one of ${jobStates.join(', ')}`
  if (name === 'EXIT_CODE') return /^-?\d{1,10}$/.test(text) ? undefined : 'must be an exit code'
  if (text.length === 0) return 'must not be empty'
  return text.length > limits.reasonLength
    ? `must be at most ${limits.reasonLength} characters long`
    : undefined
}
