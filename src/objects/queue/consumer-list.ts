import type { JobView } from '../../core/model/job.ts'
import { viewJob } from './job-views.ts'
import type { ConsumerPage, ListConsumers } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import type { WaitReason } from './wait-text.ts'

/** Jobs one page looks at: a filter that nothing matches must not make a request long. */
const lookedAt = 500

/** Of an array there is one entry, its parent; `quantity` is what each of its children needs. */
export function listConsumers(state: QueueState, query: ListConsumers, waitReason: WaitReason): ConsumerPage {
  const before = query.before ?? Number.MAX_SAFE_INTEGER
  const jobs: { view: JobView; quantity: number }[] = []
  const found = state.consumers.jobsBelow(query.resource, before, lookedAt)
  for (const seq of found) {
    const job = state.loadJob(seq)
    if (!job || !nameMatches(job.request.jobName, query.names)) continue
    const need = state.consumableNeeds(job).find(({ resource }) => resource === query.resource)
    const view = viewJob(state, job, waitReason)
    if (!need || (query.states.length > 0 && !query.states.includes(view.state))) continue
    jobs.push({ view, quantity: need.quantity })
    if (jobs.length === query.maxResults) return { jobs, last: seq }
  }
  const last = found.at(-1)
  return found.length === lookedAt && last !== undefined ? { jobs, last } : { jobs }
}

function nameMatches(jobName: string, patterns: string[]): boolean {
  if (patterns.length === 0) return true
  const name = jobName.toLowerCase()
  return patterns.some((text) => {
    const pattern = text.toLowerCase()
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
  })
}
