import type { Resources } from '../model/resources.ts'
import type { Starts } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'

/** Members of a job as DescribeJobs tells of it (AWS Batch API, JobDetail) that a history is made of; times are epoch ms. */
export type DescribedJob = {
  createdAt?: number | undefined
  startedAt?: number | undefined
  stoppedAt?: number | undefined
  jobDefinition?: string | undefined
  shareIdentifier?: string | undefined
  schedulingPriority?: number | undefined
  timeout?: { attemptDurationSeconds?: number | undefined } | undefined
  container?: DescribedContainer | undefined
}

export type DescribedContainer = {
  vcpus?: number | undefined
  memory?: number | undefined
  resourceRequirements?: { type: string; value: string }[] | undefined
}

export type JobHistory = {
  /** By submission. */
  jobs: TraceJob[]
  /** When each really started, by its id. */
  recorded: Starts
  /** Jobs that never ran, that are not over, and parents of arrays. */
  leftOut: number
}

/** A recorded history as a trace: what ran, for how long (its last attempt) and what it asked for. */
export function readJobHistory(described: readonly DescribedJob[]): JobHistory {
  const ran = described.flatMap((job) => ranJob(job) ?? [])
  ran.sort((a, b) => a.createdAt - b.createdAt)
  const began = ran[0]?.createdAt ?? 0
  const jobs = ran.map(({ described, createdAt, startedAt, stoppedAt, container }, id): TraceJob => {
    const { shareIdentifier = '', schedulingPriority = 0, jobDefinition = '', timeout } = described
    return {
      id,
      submitAt: createdAt - began,
      runMs: stoppedAt - startedAt,
      boundMs: (timeout?.attemptDurationSeconds ?? Number.POSITIVE_INFINITY) * 1000,
      demands: [{ resources: resourcesOf(container) }],
      share: shareIdentifier,
      kind: jobDefinition,
      priority: schedulingPriority,
    }
  })
  const recorded = ran.map(({ startedAt }) => startedAt - began)
  return { jobs, recorded, leftOut: described.length - jobs.length }
}

function ranJob(described: DescribedJob) {
  const { createdAt, startedAt, stoppedAt, container } = described
  if (createdAt === undefined || startedAt === undefined || stoppedAt === undefined || !container)
    return undefined
  if (stoppedAt <= startedAt || startedAt < createdAt) return undefined
  return { described, createdAt, startedAt, stoppedAt, container }
}

function resourcesOf({ vcpus, memory, resourceRequirements = [] }: DescribedContainer): Resources {
  const required = (type: string) => Number(resourceRequirements.find((one) => one.type === type)?.value ?? 0)
  return {
    cpuMilli: Math.round((required('VCPU') || vcpus || 0) * 1000),
    memoryMiB: required('MEMORY') || memory || 0,
    gpuMilli: Math.round(required('GPU') * 1000),
    diskMiB: 0,
  }
}
