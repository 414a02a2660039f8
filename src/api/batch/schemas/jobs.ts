import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { jobStates } from '../../../core/model/job.ts'
import { integer, nameOrArn, page, reason } from './fields.ts'

const jobId = z.string().min(1).max(512)

/** An id may also be a child's (`id:index`), a node's (`id#node`), or nobody's. */
export const describeJobsInput = z.object({
  jobs: z
    .array(z.string())
    .max(limits.describeJobs, `Maximum number of jobs supported is  ${limits.describeJobs}`),
})

/** CancelJob and TerminateJob alike. */
export const endJobInput = z.object({ jobId, reason })

const filterNames = [
  'JOB_NAME',
  'JOB_DEFINITION',
  'BEFORE_CREATED_AT',
  'AFTER_CREATED_AT',
  'SHARE_IDENTIFIER',
] as const

const filter = z
  .object({ name: z.enum(filterNames), values: z.array(z.string()).min(1).max(limits.describeJobs) })
  .check(({ value, issues }) => {
    const refuse = (path: PropertyKey[], message: string) =>
      issues.push({ code: 'custom', input: value, path, message })
    if (!value.name.endsWith('_CREATED_AT')) return
    if (value.values.length !== 1) refuse(['values'], 'must have exactly 1 entry')
    else if (!/^\d{1,15}$/.test(value.values[0]!))
      refuse(['values', 0], 'must be a time in epoch milliseconds')
  })

export const listJobsInput = z
  .object({
    jobQueue: nameOrArn.exactOptional(),
    arrayJobId: jobId.exactOptional(),
    multiNodeJobId: jobId.exactOptional(),
    jobStatus: z.enum(jobStates).exactOptional(),
    filters: z.array(filter).max(1).exactOptional(),
    maxResults: integer(1, limits.listJobsPage).exactOptional(),
    nextToken: page.nextToken,
  })
  .check(({ value, issues }) => {
    const given = [value.jobQueue, value.arrayJobId, value.multiNodeJobId].filter((one) => one !== undefined)
    if (given.length !== 1)
      issues.push({
        code: 'custom',
        input: value,
        path: ['jobQueue'],
        message: 'exactly one of jobQueue, arrayJobId and multiNodeJobId must be given',
      })
    if (value.filters?.length && value.jobQueue === undefined)
      issues.push({ code: 'custom', input: value, path: ['filters'], message: 'apply to jobQueue only' })
  })
