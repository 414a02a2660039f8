import type { ArrayShape, Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { NewJob } from '../../core/simulation/what-if.ts'
import { neededResources } from './job-admission.ts'
import { PresentQueueReader, waitingTarget, workFor } from './present-queue.ts'
import type { QueueReads } from './queue-reads.ts'
import type { AskPresent, PresentAnswer, SubmitJob } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import type { SubmitIntake } from './submit-intake.ts'

type Parts = {
  state: QueueState
  intake: SubmitIntake
  reads: QueueReads
  /** Whether a job waits for more of a consumable resource. */
  isSetAside: (seq: number) => boolean
}

/** Tells what the queue is, and what a job that is asked about is or would be. Changes nothing. `now`: epoch ms. */
export async function answerPresent(
  { state, intake, reads, isSetAside }: Parts,
  ask: AskPresent,
  now: number,
): Promise<Outcome<PresentAnswer>> {
  const refusal = reads.refusal(ask.queue)
  if (refusal) return refusal
  const asked = ask.waiting && waitingTarget(state, ask.waiting.job, ask.waiting.text)
  if (asked && !asked.ok) return asked
  const drafted = ask.job && (await draftOf(state, intake, ask.job, now))
  if (drafted && !drafted.ok) return drafted
  const waiting = asked?.value
  if (waiting && isSetAside(waiting.seq))
    return refused(
      `jobId: job ${ask.waiting!.text} waits for a consumable resource, which no simulation knows`,
    )
  const present = await new PresentQueueReader(state, reads.turn).read(isSetAside, now, waiting)
  return accepted({
    present,
    ...(waiting ? { waiting: waiting.seq } : {}),
    ...(drafted ? drafted.value : { unmet: [] }),
  })
}

async function draftOf(
  state: QueueState,
  intake: SubmitIntake,
  entry: Omit<SubmitJob, 'queue' | 'token'>,
  now: number,
): Promise<Outcome<Pick<PresentAnswer, 'newJob' | 'unmet'>>> {
  const drafted = await intake.draft(entry, now)
  if (!drafted.ok) return drafted
  const { job, definition, failure } = drafted.value
  const { request, nodes, array, priority } = job
  const number = state.jobs.knownDefinition(definition) ?? 0
  const kind = state.shapes.shapeFor({ definition: number, request })
  const work = workFor(state, kind, definition, request, nodes)
  if (failure !== undefined) work.never = failure
  const share = request.shareIdentifier ?? ''
  const newJob: NewJob = { work, share, priority, ...childrenOf(array) }
  const needs = neededResources(state.deployment, definition, request)
  return accepted({ newJob, unmet: unmetOf(job, needs) })
}

function childrenOf(array: ArrayShape | undefined): { count: number; atOnce: number } {
  const count = array?.size ?? 1
  return { count, atOnce: array?.sequential ? 1 : Math.min(count, array?.maxConcurrency ?? count) }
}

function unmetOf({ unmet, array }: Job, resources: string[]): PresentAnswer['unmet'] {
  const follows = array && array.nToN.length + (array.foreignNToN?.length ?? 0) > 0
  return [
    ...(unmet > 0 || follows ? (['DEPENDENCY'] as const) : []),
    ...(resources.length > 0 ? (['CONSUMABLE_RESOURCE'] as const) : []),
  ]
}
