import type { ArrayChildren } from '../lifecycle/array-children.ts'
import type { AttemptKey, JobTarget } from '../model/ids.ts'
import type { Range } from '../model/index-set.ts'
import type { RetryStrategy } from '../model/job-definition.ts'
import type { ArrayKey, EndCondition, Job } from '../model/job-record.ts'
import type { Progress } from '../model/progress.ts'

/** A job that waits for another one's end. */
export type Waiter = { seq: number; condition: EndCondition }

/**
 * What a queue's decisions read and change. Reads see earlier changes of the same decision. Nothing is written
 * while a decision runs: its owner writes each touched row once, in one transaction, when it is over.
 */
export type Ledger = {
  job(seq: number): Job | undefined
  /** The children of an array that has not ended. */
  children(seq: number): ArrayChildren
  /** A touched or untouched child's progress. */
  child(seq: number, index: number): Progress
  /** What is recorded of a node other than the main one of a multi-node parallel job. */
  node(seq: number, node: number): Progress | undefined
  retryStrategy(job: Job): RetryStrategy
  save(job: Job): void
  saveChild(seq: number, index: number, progress: Progress): void
  saveNode(seq: number, node: number, progress: Progress): void
  /**
   * Jobs of this queue that wait for `target`, which has ended, as a whole (or for that one child), and for which end of
   * it: as many as this decision has room for. The others are told in decisions that follow.
   */
  waiters(target: JobTarget, succeeded: boolean): Waiter[]
  /** Arrays of this queue whose child i waits for child i of `array`. */
  followers(array: ArrayKey): number[]
  /** Whether child `position` of an array, of this or of another queue, is known to have succeeded. */
  counterpartSucceeded(array: ArrayKey, position: number): boolean
  /** Another queue tells that these children of its array have succeeded. */
  noteCounterparts(array: ArrayKey, succeeded: readonly Range[]): void
  /** Tells the queues whose arrays follow array `seq` child by child that these children have ended. */
  tellFollowers(seq: number, ended: readonly Range[], succeeded: boolean): void
  /** Has the followers of array `seq` in this queue told in decisions that follow that these children have failed. */
  failFollowersLater(seq: number, failed: readonly Range[]): void
  /** Children of array `seq` that somebody, here or in another queue, waits for singly. */
  awaitedChildren(seq: number): Iterable<number>
  /** These waiters of `target` have been told. */
  dropWaiters(target: JobTarget, waiters: readonly Waiter[]): void
  /** Tells the queues that watch `target` how it ended. */
  tellWatchers(target: JobTarget, succeeded: boolean): void
  /** Asks the environment to stop an attempt in progress. */
  stopAttempt(attempt: AttemptKey, environment: number, reason: string): void
  /** Asks the environment to start nodes that it holds back until their main node runs. */
  startNodes(seq: number, attempt: number, nodes: number[], environment: number): void
  /** Asks the environment to stop nodes, or to release what it still holds back. */
  stopNodes(seq: number, attempt: number, nodes: number[], environment: number, reason: string): void
  /** Runs `step` before the decision is over, once the present step is done. */
  later(step: () => void): void
  /** This queue's number. */
  readonly queue: number
  /** When the decision is made, epoch ms. */
  readonly now: number
}
