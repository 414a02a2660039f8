import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { SubmitJob, SubmittedJob } from '../../objects/queue/queue-rpc.ts'
import { parseDefinitionRef } from './definition-ref.ts'
import type { InputOf } from './model/model-types.ts'

/** SubmitJob's input as a queue takes it, less the queue and the token. */
export function submitEntry(
  deployment: Deployment,
  input: InputOf<'SubmitJob'>,
): Outcome<Pick<SubmitJob, 'definition' | 'request'>> {
  const { jobQueue, jobDefinition, clientToken, ...request } = input
  const definition = parseDefinitionRef(deployment, jobDefinition)
  if (!definition) return refused(`jobDefinition: job definition ${jobDefinition} does not exist`)
  return accepted({ definition, request })
}

/** SubmitJob's output. */
export function submitOutput(deployment: Deployment, { jobId, jobName }: SubmittedJob): object {
  return { jobArn: batchArn(deployment, `job/${jobId}`), jobName, jobId }
}
