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
  environments: { number: number; name: string }[]
  /** The `order` each was given, for describing it back. */
  environmentOrders?: number[]
  tags?: Record<string, string>
  schedulingPolicyArn?: string
  jobQueueType?: string
  jobStateTimeLimitActions?: { reason: string; state: string; maxTimeSeconds: number; action: string }[]
}
