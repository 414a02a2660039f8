import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, jobName, nameOrArn, nextToken, shareIdentifier, tags } from './fields.ts'
import type { Rules } from './rule.ts'

const jobId = (id: z.ZodString) => id.min(1).max(512)
const reason = (text: z.ZodString) => text.max(limits.reasonLength)

const stoppedJobs = (list: z.ZodArray) =>
  list.max(limits.stopJobs, `Maximum number of jobs supported is  ${limits.stopJobs}`)

/** SubmitJob and what is asked of jobs. What only a queue can judge (dependencies, shares, parameters) is left to it. */
export const jobRules: Rules = {
  'SubmitJobRequest.jobName': () => jobName,
  'SubmitJobRequest.jobQueue': () => nameOrArn,
  'SubmitJobRequest.jobDefinition': () => nameOrArn,
  'SubmitJobRequest.shareIdentifier': shareIdentifier,
  'SubmitJobRequest.schedulingPriorityOverride': () => integer(0, limits.schedulingPriority),
  'SubmitJobRequest.dependsOn': (list: z.ZodArray) => list.max(limits.dependenciesPerJob),
  'SubmitJobRequest.tags': () => tags,
  'SubmitJobRequest.clientToken': clientToken,
  // Entries are checked one by one, so that a bad one does not hinder the others.
  'SubmitJobsRequest.jobs': () => z.array(z.unknown()).min(1).max(limits.bulkSubmit),
  'SubmitJobsRequest.jobQueue': () => nameOrArn,
  'SubmitJobsRequest.clientToken': clientToken,
  'ExplainJobRequest.jobId': jobId,
  'RerunJobRequest.jobId': jobId,
  'RerunJobRequest.jobName': () => jobName,
  'RerunJobRequest.clientToken': clientToken,
  'ArrayProperties.indexes': (text: z.ZodString) => text.min(1),
  'ArrayProperties.maxConcurrency': () => integer(1, limits.arraySize),
  'JobDependency.entry': () => integer(0, limits.bulkSubmit - 1),
  'ArrayProperties.size': () => integer(limits.arraySizeMin, limits.arraySize),
  'JobDependency.jobId': (id: z.ZodString) => id.max(512),
  'CancelJobRequest.jobId': jobId,
  'CancelJobRequest.reason': reason,
  'TerminateJobRequest.jobId': jobId,
  'TerminateJobRequest.reason': reason,
  'CancelJobsRequest.jobs': stoppedJobs,
  'CancelJobsRequest.reason': reason,
  'TerminateJobsRequest.jobs': stoppedJobs,
  'TerminateJobsRequest.reason': reason,
  'DescribeJobsRequest.jobs': (list: z.ZodArray) =>
    list.max(limits.describeJobs, `Maximum number of jobs supported is  ${limits.describeJobs}`),
  'ListJobsRequest.jobQueue': () => nameOrArn,
  'ListJobsRequest.arrayJobId': jobId,
  'ListJobsRequest.multiNodeJobId': jobId,
  'ListJobsRequest.maxResults': () => integer(1, limits.listJobsPage),
  'ListJobsRequest.nextToken': nextToken,
  'ListJobsRequest.filters': () => z.array(filter).max(1),
  ListJobsRequest: (request: z.ZodObject) => request.check(listsOneThing),
}

function clientToken(token: z.ZodString): z.ZodType {
  return token.min(1).max(limits.tokenLength)
}

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

function listsOneThing({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { jobQueue, arrayJobId, multiNodeJobId } = value as Record<string, unknown[] | undefined>
  const refuse = (member: string, message: string) =>
    issues.push({ code: 'custom', input: value, path: [member], message })
  const given = [jobQueue, arrayJobId, multiNodeJobId].filter((one) => one !== undefined)
  if (given.length !== 1)
    refuse('jobQueue', 'exactly one of jobQueue, arrayJobId and multiNodeJobId must be given')
}
