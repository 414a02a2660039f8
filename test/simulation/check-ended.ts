import { assert } from '../../src/core/assert.ts'
import { formatAttemptId, parseJobId } from '../../src/core/model/ids.ts'
import type { AttemptView, JobView } from '../../src/core/model/job.ts'
import { type RunRecord, simSalt } from './sim-host.ts'

/**
 * What the queue says of a job that has ended is what its hosts saw. `yields`: its queue is one whose attempts may have to
 * make room. Returns how many of its attempts did.
 */
export function checkEnded(view: JobView, record: RunRecord, yields: (queue: number) => boolean): number {
  const key = parseJobId(view.jobId, simSalt)!
  if (view.array && 'size' in view.array) {
    const { SUCCEEDED, FAILED } = view.array.summary
    assert(SUCCEEDED + FAILED === view.array.size, `children of ${view.jobId} have not ended`)
    assert((FAILED === 0) === (view.state === 'SUCCEEDED'), `${view.jobId} disagrees with its children`)
    return 0
  }
  const isOther = key.node !== undefined && key.node > 0
  // The attempts of a multi-node parallel job are its main node's.
  const node = view.nodes && 'properties' in view.nodes ? { node: 0 } : {}
  for (const [i, attempt] of view.attempts.entries()) {
    assert(
      attempt.attemptId === formatAttemptId({ ...key, ...node, attempt: i + 1 }, simSalt),
      'attempt out of order',
    )
    const last = i === view.attempts.length - 1
    assert(last || isOther || attempt.exitCode !== 0, `${view.jobId} ran again after it had succeeded`)
  }
  if (view.state === 'SUCCEEDED') {
    assert(view.attempts.at(-1)?.exitCode === 0, `${view.jobId} succeeded without an exit code 0`)
    assert(record.runs.has(view.attempts.at(-1)!.attemptId), `${view.jobId} succeeded without having run`)
  }
  return isOther ? 0 : checkPreempted(view, yields(key.queue))
}

/** Who has made room runs again, has lost no try by it, and was one to be asked. */
function checkPreempted(view: JobView, yields: boolean): number {
  const preempted = view.attempts.filter(isPreempted)
  if (preempted.length === 0) return 0
  assert(yields, `${view.jobId} made room for jobs that have no right to it`)
  const counted = view.attempts.length - preempted.length
  const most = view.retryStrategy.attempts ?? 1
  assert(counted <= most, `${view.jobId} had ${counted} tries of ${most}`)
  const wasStopped = view.isCancelled || view.isTerminated
  assert(
    wasStopped || !isPreempted(view.attempts.at(-1)!),
    `${view.jobId} did not run again after it had made room`,
  )
  return preempted.length
}

function isPreempted({ statusReason }: AttemptView): boolean {
  return statusReason?.startsWith('Preempted: ') ?? false
}
