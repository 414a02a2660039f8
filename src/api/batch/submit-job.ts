import { limits } from '../../core/limits.ts'
import { accepted } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { callQueue } from './queue-route.ts'
import { requestToken } from './request-token.ts'
import { submitEntry, submitOutput } from './submit-entry.ts'

export const submitJob = batchOperation(
  'SubmitJob',
  async (context, input) => {
    const token = requestToken(context, input)
    if (!token.ok) return token
    const entry = submitEntry(context.deployment, input)
    if (!entry.ok) return entry
    const submitted = await callQueue(context, input.jobQueue, (queue, name) =>
      queue.submitJob({ queue: name, ...entry.value, ...token.value }),
    )
    return submitted.ok ? accepted(submitOutput(context.deployment, submitted.value)) : submitted
  },
  { requestBytes: limits.submitJobBytes },
)
