import type { Capability } from './environment.ts'
import type { FairsharePolicy } from './scheduling-policy.ts'

export type QueueEnvironment = { number: number; name: string }
export type StateTimeLimit = { reason: string; state: string; maxTimeSeconds: number; action: string }

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
  /** What its environments can run; the Registry adds it to what it tells the queue. */
  capability?: Capability
  /** Higher with every change, so that a late older configuration is recognised. */
  version?: number
  /** It takes no jobs any more and ends those it has; what it knows of them stays. */
  deleted?: true
}
