import { parseJobId } from '../../core/model/ids.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { forecast } from '../../forecast/forecast.ts'
import type { AskPresent } from '../../objects/queue/queue-rpc.ts'
import type { ApiContext } from '../operation.ts'
import { batchOperation } from './batch-operation.ts'
import type { InputOf } from './model/model-types.ts'
import { callQueue } from './queue-route.ts'
import { checkedEntry } from './submit-entry.ts'
import { whatIfOutput } from './what-if-answer.ts'
import { namedChanges } from './what-if-changes.ts'

const assumedSeconds = 600

/** Longshore's own: the present run on in the simulator, as it is and with a job or changes that are asked about. Reads only. */
export const whatIf = batchOperation('WhatIf', async (context, input) => {
  const asked = askedOf(context, input)
  if (!asked.ok) return asked
  const answer = await callQueue(context, input.jobQueue, (queue, name) =>
    queue.present({ queue: name, ...asked.value }),
  )
  if (!answer.ok) return answer
  const changes = namedChanges(context.deployment, input.changes ?? {})
  if (!changes.ok) return changes
  const { assumedRunSeconds = assumedSeconds, runSeconds } = input
  const made = await forecast(context.env, context.deployment, {
    asked: answer.value,
    changes: changes.value,
    ...(runSeconds === undefined ? {} : { runMs: runSeconds * 1000 }),
    assumedMs: assumedRunSeconds * 1000,
  })
  if (!made.ok) return made
  return accepted(whatIfOutput(made.value, answer.value, assumedRunSeconds))
})

function askedOf(
  { deployment }: ApiContext,
  { jobQueue, job, jobId }: InputOf<'WhatIf'>,
): Outcome<Omit<AskPresent, 'queue'>> {
  if (jobId !== undefined) {
    const target = parseJobId(jobId, deployment.salt)
    return target
      ? accepted({ waiting: { job: target, text: jobId } })
      : refused(`jobId: job ${jobId} does not exist`)
  }
  if (job === undefined) return accepted({})
  const entry = checkedEntry(deployment, jobQueue, nameless(job))
  if (!entry.ok)
    return refused(`job.${entry.refusal.message}`.replace(/^job\.entry:/, 'job:'), entry.refusal.code)
  const { token: _, ...submit } = entry.value
  return accepted({ job: submit })
}

/** A job that is not submitted needs no name. */
function nameless(job: unknown): unknown {
  return typeof job === 'object' && job !== null && !Array.isArray(job) ? { jobName: 'what-if', ...job } : job
}
