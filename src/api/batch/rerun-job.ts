import { queueStub } from '../../bindings.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { requestToken } from './request-token.ts'
import { submitOutput } from './submit-entry.ts'

/** Longshore's own: submits a FAILED job again, or only the children of an array that failed. Answers as SubmitJob does. */
export const rerunJob = batchOperation('RerunJob', async (context, input) => {
  const { env, deployment } = context
  const token = requestToken(context, input)
  if (!token.ok) return token
  const { jobId: text, jobName } = input
  const job = parseJobId(text, deployment.salt)
  if (!job) return refused(`jobId: job ${text} does not exist`)
  const rerun = { job, text, ...(jobName === undefined ? {} : { jobName }), ...token.value }
  const submitted = await queueStub(env, job.queue).rerunJob(rerun)
  return submitted.ok ? accepted(submitOutput(deployment, submitted.value)) : submitted
})
