import type { EnvironmentBody, EnvironmentConfig } from '../../core/model/environment.ts'
import type { JobDefinition, JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { Outcome } from '../../core/model/outcome.ts'
import type { QueueConfig } from '../../core/model/queue.ts'

export type CreateQueue = {
  name: string
  state: 'ENABLED' | 'DISABLED'
  priority: number
  /** Environment names (ARNs already resolved) in ascending `order`. */
  environments: string[]
  /** The `order` each was given, for describing it back. */
  environmentOrders?: number[]
  tags?: Record<string, string>
  schedulingPolicyArn?: string
  jobQueueType?: string
  jobStateTimeLimitActions?: { reason: string; state: string; maxTimeSeconds: number; action: string }[]
}

export type Page<Item> = { items: Item[]; nextToken?: string }
export type PageQuery = { maxResults: number; nextToken?: string }

/** What the Registry object answers to others. One per deployment, named `registry`. */
export type RegistryRpc = {
  createEnvironment(name: string, body: EnvironmentBody): Promise<Outcome<{ name: string }>>
  /** `names` empty: all. Unknown names are left out. */
  describeEnvironments(names: string[], page: PageQuery): Promise<Outcome<Page<EnvironmentConfig>>>
  createQueue(create: CreateQueue): Promise<Outcome<{ name: string }>>
  describeQueues(names: string[], page: PageQuery): Promise<Outcome<Page<QueueConfig>>>
  registerDefinition(
    name: string,
    body: JobDefinitionBody,
  ): Promise<Outcome<{ name: string; revision: number }>>
  describeDefinitions(
    query: { refs: JobDefinitionRef[] } | { name?: string; status?: 'ACTIVE' | 'INACTIVE'; page: PageQuery },
  ): Promise<Outcome<Page<JobDefinition>>>
  /** For submits, in the order asked: the newest ACTIVE revision where none is named; undefined where there is none. */
  resolveDefinitions(refs: JobDefinitionRef[]): Promise<(JobDefinition | undefined)[]>
  /** The number behind a queue's name, for routing. */
  queueNumber(name: string): Promise<number | undefined>
  queueConfig(number: number): Promise<QueueConfig | undefined>
  /** What an environment's object is configured with. */
  environmentSetup(
    number: number,
  ): Promise<
    { config: EnvironmentConfig; queues: { number: number; name: string; priority: number }[] } | undefined
  >
  environmentNumber(name: string): Promise<number | undefined>
}
