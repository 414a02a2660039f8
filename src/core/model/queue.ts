import type { Capability } from './environment.ts'
import type { FairsharePolicy, SchedulingLimits } from './scheduling-policy.ts'

export type QueueEnvironment = { number: number; name: string }
export type StateTimeLimit = { reason: string; state: string; maxTimeSeconds: number; action: string }

/** Longshore's own: how a queue treats a job for which there is no room, what it may use, and from whom it may reclaim. */
export type SchedulingSettings = {
  /**
   * BACKFILL (default): what stands behind it may start where that does not delay it. STRICT: nothing may, which is
   * AWS's head-of-queue blocking.
   */
  blockedHead?: 'BACKFILL' | 'STRICT'
  limits?: SchedulingLimits
  /**
   * LOWER_QUEUES: attempts of queues of lower priority on shared environments; SHARES: attempts of shares above their
   * entitlement. Absent: none.
   */
  preemption?: ('LOWER_QUEUES' | 'SHARES')[]
}

/** A job queue as its user created it: `CreateJobQueue`'s members, names resolved to numbers where work is routed. */
export type QueueConfig = {
  number: number
  name: string
  uuid: string
  createdAt: number
  state: 'ENABLED' | 'DISABLED'
  /** Higher first, between queues that share an environment. */
  priority: number
  /** In the order in which they are asked to place. */
  environments: QueueEnvironment[]
  /** The `order` each was given, for describing it back. */
  environmentOrders?: number[]
  tags?: Record<string, string>
  /** Present: the queue is a fair-share queue. */
  schedulingPolicyArn?: string
  /** What that policy says; the Registry adds it to what it tells the queue. */
  fairsharePolicy?: FairsharePolicy
  jobQueueType?: string
  jobStateTimeLimitActions?: StateTimeLimit[]
  schedulingSettings?: SchedulingSettings
  /** What its environments can run; the Registry adds it to what it tells the queue. */
  capability?: Capability
  /** Higher with every change, so that a late older configuration is recognised. */
  version?: number
  /** It takes no jobs any more and ends those it has; what it knows of them stays. */
  deleted?: true
}
