import { queueStub } from '../../bindings.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted } from '../../core/model/outcome.ts'
import type { StopRequest } from '../../core/model/progress.ts'
import type { ApiContext } from '../operation.ts'
import { batchOperation } from './batch-operation.ts'

type Failed = { job: string; code: string; message: string }

export const cancelJobs = batchOperation('CancelJobs', (context, { jobs, reason }) =>
  stopJobs(context, jobs, { kind: 'cancel', reason }),
)

export const terminateJobs = batchOperation('TerminateJobs', (context, { jobs, reason }) =>
  stopJobs(context, jobs, { kind: 'terminate', reason }),
)

/**
 * One request to each queue that is named. An id that names nothing is a success, as is a job that has ended; what a queue
 * could not take in is told of by job, and the others are done.
 */
async function stopJobs({ env, deployment }: ApiContext, jobs: string[], stop: StopRequest) {
  const targets = jobs.flatMap((job) => parseJobId(job, deployment.salt) ?? [])
  const failures = new Map<number, string>()
  await Promise.all(
    [...Map.groupBy(targets, ({ queue }) => queue)].map(async ([queue, asked]) => {
      try {
        await queueStub(env, queue).stopJobs(asked, stop)
      } catch (error) {
        console.error(`queue ${queue} could not stop ${asked.length} jobs:`, error)
        failures.set(queue, 'The job could not be stopped. Try again.')
      }
    }),
  )
  const errors: Failed[] = []
  const successful: string[] = []
  for (const job of jobs) {
    const message = failures.get(parseJobId(job, deployment.salt)?.queue ?? -1)
    if (message === undefined) successful.push(job)
    else errors.push({ job, code: 'ServerException', message })
  }
  return accepted({ successful, errors })
}
