import { type Explanation, type Wait, waitKinds } from '../model/explanation.ts'
import { isTerminal, type JobView } from '../model/job.ts'
import { capacityWait } from './capacity-wait.ts'
import { dependencyWaits } from './dependency-waits.ts'
import { estimateStart } from './estimate-start.ts'
import type { JobFacts } from './job-facts.ts'
import { orderWaits } from './order-waits.ts'
import { reasonWait } from './reason-wait.ts'

/** Says why a job is where it is, what binds first, and what would unblock it. */
export function explainJob(facts: JobFacts): Explanation {
  const { view } = facts
  const waitingFor = isWaiting(view) ? waits(facts) : []
  const estimatedStart = waitingFor.length > 0 ? estimateStart(facts, waitingFor) : undefined
  return {
    jobId: view.jobId,
    jobName: view.jobName,
    status: view.state,
    ...(view.statusReason === undefined ? {} : { statusReason: view.statusReason }),
    summary: summaryOf(view, waitingFor),
    waitingFor,
    ...(facts.dependencies.length > 0 ? { dependencies: [...facts.dependencies] } : {}),
    ...(facts.order && isWaiting(view) ? { order: facts.order } : {}),
    ...(facts.order && isWaiting(view) ? { computeEnvironments: [...facts.environments] } : {}),
    ...(estimatedStart ? { estimatedStart } : {}),
  }
}

/** Whether something of the job waits: the job itself, or children of an array. */
function isWaiting({ state, array }: JobView): boolean {
  if (array && 'summary' in array)
    return !isTerminal(state) && array.summary.PENDING + array.summary.RUNNABLE > 0
  return state === 'SUBMITTED' || state === 'PENDING' || state === 'RUNNABLE'
}

function waits(facts: JobFacts): Wait[] {
  const found = facts.order ? placementWaits(facts) : dependencyWaits(facts.dependencies)
  return found.sort((a, b) => waitKinds.indexOf(a.kind) - waitKinds.indexOf(b.kind))
}

function placementWaits(facts: JobFacts): Wait[] {
  const found = concurrencyWait(facts.view)
  const said = facts.waitReason === undefined ? undefined : reasonWait(facts.waitReason, facts.environments)
  if (said) found.push(said)
  found.push(...orderWaits(facts.order))
  const capacity = said?.kind === 'NO_HOST' ? undefined : capacityWait(facts.environments)
  if (capacity && said?.kind !== capacity.kind) found.push(capacity)
  return found
}

function concurrencyWait({ array }: JobView): Wait[] {
  if (!array || !('summary' in array) || array.maxConcurrency === undefined) return []
  const inFlight = array.summary.STARTING + array.summary.RUNNING
  if (inFlight < array.maxConcurrency) return []
  return [
    {
      kind: 'ARRAY_CONCURRENCY',
      text: `${inFlight} children are in flight, and arrayProperties.maxConcurrency allows ${array.maxConcurrency}`,
      remedy: 'Wait for a child to end; an array submitted with a higher maxConcurrency runs more at once',
    },
  ]
}

function summaryOf(view: JobView, waitingFor: readonly Wait[]): string {
  const { state, statusReason, latestAttempt } = view
  const place = latestAttempt?.instanceId
    ? ` on host ${latestAttempt.instanceId} of ${latestAttempt.environment}`
    : ''
  const said = statusReason === undefined ? '' : `: ${statusReason}`
  if (isTerminal(state)) return `The job has ${state === 'SUCCEEDED' ? 'succeeded' : 'failed'}${said}`
  const [first] = waitingFor
  if (first) return `The job waits: ${first.text}`
  if (state === 'STARTING') return `The job is placed${place} and about to start`
  if (state === 'RUNNING') return `The job runs${place}`
  if (isWaiting(view)) return 'Nothing is in the way: the job is placed with the next tick of its queue'
  return 'The children of the job are in flight'
}
