import { setTimeout as sleep } from 'node:timers/promises'
import { type BatchClient, DescribeJobsCommand, type JobDetail } from '@aws-sdk/client-batch'
import type { FlightDelaysJobs } from './submit.ts'

/** The two jobs as DescribeJobs tells of them. */
export type Progress = { array: JobDetail; merge: JobDetail }

const pollMs = 200

/** Asks for the jobs until both have ended, telling of each answer; resolves with the last one. */
export async function followFlightDelays(
  batch: BatchClient,
  jobs: FlightDelaysJobs,
  options: { onProgress: (progress: Progress) => void; signal: AbortSignal },
): Promise<Progress> {
  while (true) {
    const progress = await describeFlightDelays(batch, jobs, options.signal)
    options.onProgress(progress)
    if (hasEnded(progress.array) && hasEnded(progress.merge)) return progress
    await sleep(pollMs, undefined, { signal: options.signal })
  }
}

export function hasEnded(job: JobDetail): boolean {
  return job.status === 'SUCCEEDED' || job.status === 'FAILED'
}

async function describeFlightDelays(
  batch: BatchClient,
  { arrayId, mergeId }: FlightDelaysJobs,
  abortSignal: AbortSignal,
): Promise<Progress> {
  const reply = await batch.send(new DescribeJobsCommand({ jobs: [arrayId, mergeId] }), { abortSignal })
  const [array, merge] = reply.jobs ?? []
  if (!array || !merge) throw new Error('the server does not know the jobs it accepted')
  return { array, merge }
}
