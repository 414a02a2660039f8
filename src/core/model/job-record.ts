import type { JobRequest } from './job.ts'
import type { Progress } from './progress.ts'

/** A job as its queue keeps it: one row. Children of an array have no record of their own. */
export type Job = {
  /** Row key; also the job's sequence number inside its id. */
  seq: number
  createdAt: number
  /** Number of the definition snapshot in this queue. */
  definition: number
  request: JobRequest
  /** The number of its share in this queue; 0 where the queue has none. */
  share: number
  /** Higher first inside the queue, or inside its share. */
  priority: number
  /** A retried job stands before those of its priority that have not run. */
  front: boolean
  /** Dependencies on whole jobs (or single children) that have not ended well yet. */
  unmet: number
  /** Of the job itself; of an array's parent: SUBMITTED, PENDING, SUCCEEDED or FAILED. */
  progress: Progress
  array?: ArrayShape
  /** A multi-node parallel job: `progress` is its main node's, the other nodes have records of their own. */
  nodes?: NodeShape
  /** May have something to place: it stands in the queue's order. */
  ready: boolean
  /** Idempotency tokens whose first answer names this job; known when it is made, and not read again. */
  tokens?: string[]
}

/** An array job of some queue. */
export type ArrayKey = { queue: number; seq: number }

/** Which end of a job lets the one that waits for it go on. */
export type EndCondition = 'success' | 'any' | 'failure'

export type ArrayShape = {
  /** How many children there are: inside the queue they are positions 0 to `size - 1`. */
  size: number
  /** Of a sparse array: its size as submitted. Which index stands at which position is kept beside the job. */
  sparseSize?: number
  /** Children in STARTING and RUNNING at most. */
  maxConcurrency?: number
  /** Child i waits for child i - 1. */
  sequential: boolean
  /** Sequence numbers of the arrays (of this queue) whose child i this one's child i waits for. */
  nToN: number[]
  /** The same for arrays of other queues. */
  foreignNToN?: ArrayKey[]
  /** Set when all children that have no state of their own ended without running. */
  rest?: { statusReason: string; stoppedAt: number }
}

/** How many nodes there are, and which of them decides. */
export type NodeShape = { count: number; main: number }

/** One edge: `waiter` (a job of this queue) wants to hear how the target ends. */
export type Dependency = {
  waiter: number
  /** The target: a job of queue `queue`, or one child of it. */
  queue: number
  seq: number
  index?: number
  /** `children`: N_TO_N, every child's end matters. */
  kind: 'whole' | 'children'
  /** Of `whole`. */
  condition: EndCondition
}
