import { queueStub } from '../../bindings.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

/** An id that names nothing is no error. */
export const terminateJob = batchOperation('TerminateJob', async ({ env, deployment }, { jobId, reason }) => {
  const target = parseJobId(jobId, deployment.salt)
  if (target) await queueStub(env, target.queue).terminateJob(target, reason)
  return accepted({})
})
