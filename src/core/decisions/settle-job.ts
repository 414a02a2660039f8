import { present } from '../assert.ts'
import { dependenciesMet, endUnplaced, reasons } from '../lifecycle/job-lifecycle.ts'
import type { JobTarget } from '../model/ids.ts'
import { isTerminal } from '../model/job.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'
import { nodesAreOver } from './settle-nodes.ts'

/** Lets a job just saved begin: it may have failed dependencies, or children that may start or must fail already. */
export function beginJob(ledger: Ledger, job: Job, dependencyFailed: boolean): void {
  if (dependencyFailed) return settleDependency(ledger, job.seq, false)
  const nToN = job.array?.nToN ?? []
  if (nToN.length === 0) return
  for (let index = 0; index < job.array!.size; index++) {
    const states = nToN.map((seq) => ledger.child(seq, index).state)
    if (states.includes('FAILED')) settleFollower(ledger, job.seq, index, false)
    else if (states.every((state) => state === 'SUCCEEDED')) ledger.children(job.seq).release(index)
  }
}

/** Records a single job's new progress, and what follows for those that wait for it. */
export function settleJob(ledger: Ledger, job: Job, progress: Progress): void {
  if (progress === job.progress) return
  const runnable = progress.state === 'RUNNABLE'
  const ready = runnable && nodesAreOver(ledger, job, progress)
  const front = runnable && (job.front || progress.attempts.length > 0)
  ledger.save({ ...job, progress, ready, front })
  if (isTerminal(progress.state)) announce(ledger, job.seq, undefined, progress.state === 'SUCCEEDED')
}

/** Records an array child's new progress, and what follows for its siblings, followers and parent. */
export function settleChild(ledger: Ledger, parent: Job, index: number, progress: Progress): void {
  ledger.saveChild(parent.seq, index, progress)
  if (progress.state === 'RUNNABLE' && !parent.ready) ledger.save({ ...parent, ready: true })
  if (!isTerminal(progress.state)) return
  const succeeded = progress.state === 'SUCCEEDED'
  announce(ledger, parent.seq, index, succeeded)
  for (const follower of ledger.followers(parent.seq)) settleFollower(ledger, follower, index, succeeded)
  const latest = present(ledger.job(parent.seq), 'array parent')
  if (!succeeded && latest.array?.sequential) endUntouched(ledger, latest, reasons.dependencyFailed)
  else finishArray(ledger, latest)
}

/** Ends all children that have no state of their own, in one stroke. */
export function endUntouched(ledger: Ledger, parent: Job, statusReason: string): void {
  if (isTerminal(parent.progress.state)) return
  const children = ledger.children(parent.seq)
  const { shape } = children
  if (shape.rest) return finishArray(ledger, parent)
  // A STARTING child may live in memory only; from here on it must not be taken for an untouched one.
  for (const index of children.unfinishedTouched())
    if (children.state(index) === 'STARTING')
      ledger.saveChild(parent.seq, index, ledger.child(parent.seq, index))
  shape.rest = { statusReason, stoppedAt: ledger.now }
  ledger.save({ ...parent, array: shape })
  for (const index of ledger.awaitedChildren(parent.seq))
    if (!children.isTouched(index)) announce(ledger, parent.seq, index, false)
  for (const seq of ledger.followers(parent.seq)) {
    const follower = ledger.job(seq)
    if (!follower?.array || isTerminal(follower.progress.state)) continue
    for (let index = 0; index < shape.size; index++)
      if (!children.isTouched(index)) settleFollower(ledger, seq, index, false)
  }
  finishArray(ledger, present(ledger.job(parent.seq), 'array parent'))
}

/** The parent ends when all its children have; until then it leaves the order once nothing is left to start. */
function finishArray(ledger: Ledger, parent: Job): void {
  if (isTerminal(parent.progress.state)) return
  const children = ledger.children(parent.seq)
  if (!children.finished) {
    if (parent.ready && children.exhausted) ledger.save({ ...parent, ready: false })
    return
  }
  const { statusReason: _, ...rest } = parent.progress
  const reason = parent.progress.stop?.reason ?? children.shape.rest?.statusReason ?? reasons.arrayChildFailed
  const progress: Progress = children.failed
    ? { ...rest, state: 'FAILED', statusReason: reason, stoppedAt: ledger.now }
    : { ...rest, state: 'SUCCEEDED', stoppedAt: ledger.now }
  ledger.save({ ...parent, progress, ready: false })
  announce(ledger, parent.seq, undefined, progress.state === 'SUCCEEDED')
}

/** A dependency of `waiter` on a whole job (or on one child) has ended. */
export function settleDependency(ledger: Ledger, waiter: number, succeeded: boolean): void {
  const job = ledger.job(waiter)
  if (!job || isTerminal(job.progress.state)) return
  if (!succeeded) {
    if (job.array) return endUntouched(ledger, job, reasons.dependencyFailed)
    return settleJob(ledger, job, endUnplaced(job.progress, reasons.dependencyFailed, ledger.now))
  }
  const unmet = Math.max(0, job.unmet - 1)
  if (unmet > 0) return ledger.save({ ...job, unmet })
  if (!job.array) return settleJob(ledger, { ...job, unmet }, dependenciesMet(job.progress))
  ledger.children(job.seq).open = true
  ledger.save({ ...job, unmet, ready: true })
}

function settleFollower(ledger: Ledger, seq: number, index: number, succeeded: boolean): void {
  const follower = ledger.job(seq)
  if (!follower?.array || isTerminal(follower.progress.state) || index >= follower.array.size) return
  const children = ledger.children(seq)
  if (children.isTouched(index) || children.shape.rest) return
  if (!succeeded) {
    const failed: Progress = { state: 'FAILED', attempts: [], statusReason: reasons.dependencyFailed }
    return settleChild(ledger, follower, index, { ...failed, stoppedAt: ledger.now })
  }
  if (!follower.array.nToN.every((other) => childSucceeded(ledger, other, index))) return
  children.release(index)
  if (!follower.ready) ledger.save({ ...follower, ready: true })
}

/** What is deleted has ended, and its failed children have failed ours long ago. */
function childSucceeded(ledger: Ledger, seq: number, index: number): boolean {
  if (!ledger.job(seq)) return true
  return ledger.child(seq, index).state === 'SUCCEEDED'
}

/** Tells this queue's jobs that wait for `target`, a job of this or of another queue, how it ended. */
export function settleWaiters(ledger: Ledger, target: JobTarget, succeeded: boolean): void {
  const waiters = ledger.waiters(target)
  if (waiters.length > 0) ledger.dropWaiters(target)
  // Deferred, not nested: a chain of ten thousand failing jobs must not exhaust the stack.
  for (const waiter of waiters) ledger.later(() => settleDependency(ledger, waiter, succeeded))
}

function announce(ledger: Ledger, seq: number, index: number | undefined, succeeded: boolean): void {
  const target = { queue: ledger.queue, shard: 0, seq, ...(index === undefined ? {} : { index }) }
  settleWaiters(ledger, target, succeeded)
  ledger.tellWatchers(target, succeeded)
}
