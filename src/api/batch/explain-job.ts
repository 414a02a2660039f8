import { queueStub } from '../../bindings.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'

/** Longshore's own: why a job is where it is, and what would let a waiting one go on. Reads only. */
export const explainJob = batchOperation('ExplainJob', async ({ env, deployment }, { jobId }) => {
  const target = parseJobId(jobId, deployment.salt)
  const explanation = target && (await queueStub(env, target.queue).explainJob(target))
  return explanation ? accepted(explanation) : refused(`jobId: job ${jobId} does not exist`)
})
