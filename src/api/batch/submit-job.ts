import { limits } from '../../core/limits.ts'
import { batchArn } from '../../core/model/deployment.ts'
import { accepted, refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { parseDefinitionRef } from './definition-ref.ts'
import { callQueue } from './queue-route.ts'

export const submitJob = batchOperation(
  'SubmitJob',
  async (context, input) => {
    const { jobQueue, jobDefinition, ecsPropertiesOverride, eksPropertiesOverride, ...request } = input
    const { deployment } = context
    const definition = parseDefinitionRef(deployment, jobDefinition)
    if (!definition) return refused(`jobDefinition: job definition ${jobDefinition} does not exist`)
    const submitted = await callQueue(context, jobQueue, (queue, name) =>
      queue.submitJob({ queue: name, definition, request }),
    )
    if (!submitted.ok) return submitted
    const { jobId, jobName } = submitted.value
    return accepted({ jobArn: batchArn(deployment, `job/${jobId}`), jobName, jobId })
  },
  { requestBytes: limits.submitJobBytes },
)
