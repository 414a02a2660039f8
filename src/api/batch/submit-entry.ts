import { limits } from '../../core/limits.ts'
import { batchArn, type Deployment, resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { SubmitJob, SubmittedJob } from '../../objects/queue/queue-rpc.ts'
import { parseInput } from '../validation.ts'
import { parseDefinitionRef } from './definition-ref.ts'
import { inputSchema } from './model/input-schema.ts'
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

/** A job inside of another request, checked by itself. It may leave the queue out, or name the request's. */
export function checkedEntry(
  deployment: Deployment,
  jobQueue: string,
  job: unknown,
): Outcome<Omit<SubmitJob, 'queue'>> {
  if (typeof job !== 'object' || job === null || Array.isArray(job))
    return refused('entry: must be an object')
  if (JSON.stringify(job).length > limits.submitJobBytes)
    return refused(`entry: must be at most ${limits.submitJobBytes} bytes long`)
  const parsed = parseInput(inputSchema('SubmitJob'), { jobQueue, ...job }, 'ClientException')
  if (!parsed.ok) return parsed
  const queueOf = (text: string) => resourceName(deployment, 'job-queue', text)
  if (queueOf(parsed.value.jobQueue) !== queueOf(jobQueue))
    return refused('jobQueue: must be the queue of the request')
  const entry = submitEntry(deployment, parsed.value)
  if (!entry.ok) return entry
  const { clientToken } = parsed.value
  return accepted({ ...entry.value, ...(clientToken === undefined ? {} : { token: clientToken }) })
}

/** SubmitJob's output. */
export function submitOutput(deployment: Deployment, { jobId, jobName }: SubmittedJob): object {
  return { jobArn: batchArn(deployment, `job/${jobId}`), jobName, jobId }
}
