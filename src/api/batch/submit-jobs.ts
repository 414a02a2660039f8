import { limits } from '../../core/limits.ts'
import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { SubmitJobs } from '../../objects/queue/queue-rpc.ts'
import { parseInput } from '../validation.ts'
import { batchOperation } from './batch-operation.ts'
import { inputSchema } from './model/input-schema.ts'
import { callQueue } from './queue-route.ts'
import { requestToken } from './request-token.ts'
import { submitEntry, submitOutput } from './submit-entry.ts'

type Entry = SubmitJobs['entries'][number]

/** Longshore's own: unlike jobs for one queue in one transaction. A bad entry has its error, and hinders no other. */
export const submitJobs = batchOperation(
  'SubmitJobs',
  async (context, input) => {
    const { deployment } = context
    const token = requestToken(context, input)
    if (!token.ok) return token
    const entries = input.jobs.map((job) => bulkEntry(deployment, input.jobQueue, job))
    const answers = await callQueue(context, input.jobQueue, (queue, name) =>
      queue.submitJobs({ queue: name, entries, ...token.value }),
    )
    if (!answers.ok) return answers
    return accepted({
      results: answers.value.map((answer) =>
        answer.ok ? submitOutput(deployment, answer.value) : { error: answer.refusal },
      ),
    })
  },
  { requestBytes: limits.bulkSubmitBytes },
)

/** One entry, checked by itself. It may leave the queue out, or name the request's. */
function bulkEntry(deployment: Deployment, jobQueue: string, job: unknown): Entry {
  const entry = checkedEntry(deployment, jobQueue, job)
  return entry.ok ? entry.value : { refusal: entry.refusal }
}

function checkedEntry(
  deployment: Deployment,
  jobQueue: string,
  job: unknown,
): Outcome<Exclude<Entry, { refusal: unknown }>> {
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
