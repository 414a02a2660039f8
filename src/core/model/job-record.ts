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
  /** Higher first inside the queue. */
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
}

export type ArrayShape = {
  size: number
  /** Child i waits for child i - 1. */
  sequential: boolean
  /** Sequence numbers of the arrays (of this queue) whose child i this one's child i waits for. */
  nToN: number[]
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
}
