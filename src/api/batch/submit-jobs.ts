import { limits } from '../../core/limits.ts'
import type { Deployment } from '../../core/model/deployment.ts'
import { accepted } from '../../core/model/outcome.ts'
import type { SubmitJobs } from '../../objects/queue/queue-rpc.ts'
import { batchOperation } from './batch-operation.ts'
import { callQueue } from './queue-route.ts'
import { requestToken } from './request-token.ts'
import { checkedEntry, submitOutput } from './submit-entry.ts'

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
