import { present } from '../assert.ts'
import { attemptNumber, requestStop } from '../lifecycle/job-lifecycle.ts'
import type { AttemptKey, JobTarget } from '../model/ids.ts'
import { isTerminal } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress, StopRequest } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'
import { endUntouched, settleChild, settleJob } from './settle-job.ts'
import { stopUnfinishedNodes } from './settle-nodes.ts'

/** Which children of an array one decision stops: from this index on, as many of those that have begun. */
export type StopSlice = { from: number; most: number }
const allChildren: StopSlice = { from: 0, most: Number.POSITIVE_INFINITY }

/**
 * CancelJob and TerminateJob (aws-batch user guide; the effect per state is in `requestStop`). Unknown and ended
 * jobs are left as they are. On an array's parent the wish reaches every child that has not ended: what has not begun
 * in the first slice, the others in as many as it takes. Returns where the next slice is to begin, if there is one.
 */
export function decideStop(
  ledger: Ledger,
  target: JobTarget,
  stop: StopRequest,
  slice = allChildren,
): number | undefined {
  const job = ledger.job(target.seq)
  if (!job || isTerminal(job.progress.state)) return undefined
  if (target.index !== undefined) {
    if (job.array && target.index < job.array.size) stopChild(ledger, job, target.index, stop)
  } else if (job.array) return stopArray(ledger, job, stop, slice)
  // A node is no job of its own: only its main node's end is the job's.
  else if (target.node === undefined || target.node === job.nodes?.main) {
    const after = requestStop(job.progress, stop, ledger.now)
    settleJob(ledger, job, after)
    stopRunning(ledger, job.progress, after, { queue: ledger.queue, seq: job.seq, ...mainNode(job) })
    if (job.nodes && after !== job.progress && after.state === 'RUNNING')
      stopUnfinishedNodes(ledger, job, after, stop.reason)
  }
  return undefined
}

function stopArray(
  ledger: Ledger,
  parent: Job,
  stop: StopRequest,
  { from, most }: StopSlice,
): number | undefined {
  if (from === 0) {
    ledger.save({ ...parent, progress: { ...parent.progress, stop: parent.progress.stop ?? stop } })
    endUntouched(ledger, present(ledger.job(parent.seq), 'array'), stop.reason)
  }
  let left = most
  for (const index of ledger.children(parent.seq).unfinishedTouched(from)) {
    const current = ledger.job(parent.seq)
    if (!current || isTerminal(current.progress.state)) return undefined
    if (left-- === 0) return index
    stopChild(ledger, current, index, stop)
  }
  return undefined
}

function stopChild(ledger: Ledger, parent: Job, index: number, stop: StopRequest): void {
  const before = ledger.child(parent.seq, index)
  const after = requestStop(before, stop, ledger.now)
  if (after !== before) settleChild(ledger, parent, index, after)
  stopRunning(ledger, before, after, { queue: ledger.queue, seq: parent.seq, index })
}

function stopRunning(
  ledger: Ledger,
  before: Progress,
  after: Progress,
  key: Omit<AttemptKey, 'attempt'>,
): void {
  if (after === before || isTerminal(after.state) || !after.current) return
  ledger.stopAttempt({ ...key, attempt: attemptNumber(after) }, after.current.environment, after.stop!.reason)
}

/** The attempts of a multi-node parallel job are its main node's. */
function mainNode(job: Job): { node?: number } {
  return job.nodes ? { node: job.nodes.main } : {}
}
