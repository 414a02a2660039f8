import type { JobRequest } from './job.ts'
import type { JobDefinitionBody } from './job-definition.ts'

export type Tags = Record<string, string>

/** `add` overwrites what has the same key; `remove` may name keys that are not there. */
export type TagChange = { add: Tags } | { remove: string[] }

/**
 * The tags that a job's task gets: none unless they are propagated, else its definition's with the job's own over them
 * (AWS Batch API, `propagateTags`).
 */
export function taskTags(body: JobDefinitionBody, request: JobRequest): Tags {
  return (request.propagateTags ?? body.propagateTags) ? { ...body.tags, ...request.tags } : {}
}
