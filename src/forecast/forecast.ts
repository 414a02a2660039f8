import type { Env } from '../bindings.ts'
import type { Deployment } from '../core/model/deployment.ts'
import { parseAttemptId } from '../core/model/ids.ts'
import { accepted, type Outcome, refused } from '../core/model/outcome.ts'
import type { PresentState } from '../core/simulation/changed-state.ts'
import { type WhatIfAnswer, whatIf } from '../core/simulation/what-if.ts'
import type { PresentAnswer } from '../objects/queue/queue-rpc.ts'
import { type NamedChanges, numberedChanges, unknownHost } from './named-changes.ts'
import { presentAround } from './present-around.ts'

/** `asked`: what the queue says of itself and of the job asked about. Run times are milliseconds. */
export type ForecastRequest = {
  asked: PresentAnswer
  changes: NamedChanges
  runMs?: number
  assumedMs: number
}

/** Asks the objects how things are, and runs that on in the simulator as it is and as it would be. Changes nothing. */
export async function forecast(
  env: Env,
  { salt }: Deployment,
  { asked, changes: named, ...runTimes }: ForecastRequest,
): Promise<Outcome<{ state: PresentState; answer: WhatIfAnswer }>> {
  const { present, newJob, waiting } = asked
  const changes = await numberedChanges(env, present, named)
  if (!changes.ok) return changes
  const state = await presentAround(env, present, changes.value.environments ?? [])
  const unknown = unknownHost(state, changes.value)
  if (unknown !== undefined) return refused(unknown)
  const question = {
    queue: present.number,
    ...(newJob ? { newJob } : {}),
    ...(waiting === undefined ? {} : { waiting }),
    ...runTimes,
    changes: changes.value,
  }
  return accepted({ state, answer: whatIf(state, question, (attemptId) => parseAttemptId(attemptId, salt)) })
}
