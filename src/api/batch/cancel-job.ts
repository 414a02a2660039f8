import { queueStub } from '../../bindings.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'
import { endJobInput } from './schemas/jobs.ts'

/** An id that names nothing is no error. */
export const cancelJob = operation({
  name: 'CancelJob',
  schema: endJobInput,
  async handle({ env, deployment }, { jobId, reason }) {
    const target = parseJobId(jobId, deployment.salt)
    if (target) await queueStub(env, target.queue).cancelJob(target, reason)
    return accepted({})
  },
})
