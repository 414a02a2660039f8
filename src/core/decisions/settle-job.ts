import { present } from '../assert.ts'
import { isFollower } from '../lifecycle/array-children.ts'
import { dependenciesMet, endUnplaced, reasons } from '../lifecycle/job-lifecycle.ts'
import { limits } from '../limits.ts'
import type { JobTarget } from '../model/ids.ts'
import { countOf, intersection, numbersIn, type Range } from '../model/index-set.ts'
import { isTerminal } from '../model/job.ts'
import type { ArrayKey, Job } from '../model/job-record.ts'
import type { Progress } from '../model/progress.ts'
import type { Ledger, Waiter } from './ledger.ts'
import { nodesAreOver } from './settle-nodes.ts'
import { unmetReason } from './submit-dependencies.ts'

/** Lets a job just saved begin: its failure may be certain already, its children may start or must fail. */
export function beginJob(ledger: Ledger, job: Job, failure: string | undefined): void {
  if (failure !== undefined) return endWaiting(ledger, job, failure)
  if (job.array && isFollower(job.array)) beginFollower(ledger, job)
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
  ledger.tellFollowers(parent.seq, [[index, index]], succeeded)
  for (const follower of ledger.followers({ queue: ledger.queue, seq: parent.seq }))
    settleFollower(ledger, follower, index, succeeded)
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
  const ended = [...children.untouched()]
  ledger.tellFollowers(parent.seq, ended, false)
  failFollowers(ledger, parent.seq, ledger.followers({ queue: ledger.queue, seq: parent.seq }), ended)
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
export function settleDependency(ledger: Ledger, waiter: Waiter, succeeded: boolean): void {
  const job = ledger.job(waiter.seq)
  if (!job || isTerminal(job.progress.state)) return
  const failure = unmetReason(waiter.condition, succeeded)
  if (failure !== undefined) return endWaiting(ledger, job, failure)
  const unmet = Math.max(0, job.unmet - 1)
  if (unmet > 0) return ledger.save({ ...job, unmet })
  if (!job.array) return settleJob(ledger, { ...job, unmet }, dependenciesMet(job.progress))
  ledger.children(job.seq).open = true
  ledger.save({ ...job, unmet, ready: true })
}

/** Ends a job, or what has not begun of an array, that will never run. */
function endWaiting(ledger: Ledger, job: Job, reason: string): void {
  if (job.array) return endUntouched(ledger, job, reason)
  settleJob(ledger, job, endUnplaced(job.progress, reason, ledger.now))
}

/** An array that has just been made: what has failed of its counterparts fails its children. */
function beginFollower(ledger: Ledger, job: Job): void {
  for (const seq of job.array!.nToN)
    failFollowers(ledger, seq, [job.seq], [...ledger.children(seq).endedIn('FAILED')])
}

/** Children of array `seq` have failed, and with them those of arrays that follow it: the first of many at once. */
function failFollowers(ledger: Ledger, seq: number, followers: number[], failed: readonly Range[]): void {
  let more = false
  for (const follower of followers)
    if (failFollower(ledger, follower, failed, limits.childrenPerCommit)) more = true
  if (more) ledger.failFollowersLater(seq, failed)
}

/** Counterparts of these children have failed. Settles at most `most` of them; true when some are left. */
export function failFollower(ledger: Ledger, seq: number, failed: readonly Range[], most: number): boolean {
  const follower = activeFollower(ledger, seq)
  if (!follower) return false
  const children = ledger.children(seq)
  const untouched = intersection([...children.untouched()], failed)
  const count = countOf(untouched)
  // A record for each of a million children is too much where one mark says the same.
  if (count > 0 && count === children.untouchedCount) {
    endUntouched(ledger, follower, reasons.dependencyFailed)
    return false
  }
  let left = most
  for (const position of numbersIn(untouched)) {
    if (left-- === 0) return true
    settleFollower(ledger, seq, position, false)
  }
  return false
}

/** Child `position` of an array that array `seq` follows has ended. */
export function settleFollower(ledger: Ledger, seq: number, position: number, succeeded: boolean): void {
  const follower = activeFollower(ledger, seq)
  if (!follower || position >= follower.array!.size) return
  const children = ledger.children(seq)
  if (children.isTouched(position) || children.shape.rest) return
  if (!succeeded) {
    const failed: Progress = { state: 'FAILED', attempts: [], statusReason: reasons.dependencyFailed }
    return settleChild(ledger, follower, position, { ...failed, stoppedAt: ledger.now })
  }
  if (!mayStart(ledger, follower, position)) return
  children.release(position)
  if (!follower.ready && follower.unmet === 0) ledger.save({ ...follower, ready: true })
}

function activeFollower(ledger: Ledger, seq: number): Job | undefined {
  const follower = ledger.job(seq)
  return follower?.array && !isTerminal(follower.progress.state) ? follower : undefined
}

function mayStart(ledger: Ledger, follower: Job, position: number): boolean {
  const { nToN, foreignNToN = [] } = follower.array!
  const succeeded = (array: ArrayKey) => ledger.counterpartSucceeded(array, position)
  return nToN.every((seq) => succeeded({ queue: ledger.queue, seq })) && foreignNToN.every(succeeded)
}

/** Tells this queue's jobs that wait for `target`, a job of this or of another queue, how it ended. */
export function settleWaiters(ledger: Ledger, target: JobTarget, succeeded: boolean): void {
  const waiters = ledger.waiters(target, succeeded)
  if (waiters.length > 0) ledger.dropWaiters(target, waiters)
  // Deferred, not nested: a chain of ten thousand failing jobs must not exhaust the stack.
  for (const waiter of waiters) ledger.later(() => settleDependency(ledger, waiter, succeeded))
}

function announce(ledger: Ledger, seq: number, index: number | undefined, succeeded: boolean): void {
  const target = { queue: ledger.queue, shard: 0, seq, ...(index === undefined ? {} : { index }) }
  settleWaiters(ledger, target, succeeded)
  ledger.tellWatchers(target, succeeded)
}
