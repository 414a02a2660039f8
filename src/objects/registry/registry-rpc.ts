import type { EnvironmentChange } from '../../core/lifecycle/environment-lifecycle.ts'
import type { EnvironmentBody, EnvironmentConfig } from '../../core/model/environment.ts'
import type { JobDefinition, JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { Outcome } from '../../core/model/outcome.ts'
import type { QueueConfig, SchedulingSettings, StateTimeLimit } from '../../core/model/queue.ts'
import type { PolicyBody, PolicyConfig } from '../../core/model/scheduling-policy.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import type { AttachedQueue } from '../environment/environment-rpc.ts'

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
  jobStateTimeLimitActions?: StateTimeLimit[]
  /** Replaced whole; an empty one is none. */
  schedulingSettings?: SchedulingSettings
}

/** What is absent stays as it is; `environments` and `environmentOrders` come together. */
export type UpdateQueue = Partial<Omit<CreateQueue, 'name' | 'tags' | 'jobQueueType'>>

export type DescribeDefinitions =
  | { refs: JobDefinitionRef[] }
  | { name?: string; status?: 'ACTIVE' | 'INACTIVE'; page: PageQuery }

/** Something of the registry's that has tags. */
export type TaggedResource =
  | { kind: 'environment' | 'queue' | 'policy'; name: string }
  | { kind: 'definition'; name: string; revision: number }

export type Page<Item> = { items: Item[]; nextToken?: string }
export type PageQuery = { maxResults: number; nextToken?: string }
type Done = Outcome<Record<string, never>>

/** What the Registry object answers to others. One per deployment, named `registry`. */
export type RegistryRpc = {
  createEnvironment(name: string, body: EnvironmentBody): Promise<Outcome<{ name: string }>>
  updateEnvironment(name: string, change: EnvironmentChange): Promise<Outcome<{ name: string }>>
  deleteEnvironment(name: string): Promise<Done>
  /** `names` empty: all. Unknown names are left out. */
  describeEnvironments(names: string[], page: PageQuery): Promise<Outcome<Page<EnvironmentConfig>>>
  createQueue(create: CreateQueue): Promise<Outcome<{ name: string }>>
  updateQueue(name: string, change: UpdateQueue): Promise<Outcome<{ name: string }>>
  deleteQueue(name: string): Promise<Done>
  describeQueues(names: string[], page: PageQuery): Promise<Outcome<Page<QueueConfig>>>
  createPolicy(name: string, body: PolicyBody, tags?: Tags): Promise<Outcome<{ name: string }>>
  updatePolicy(name: string, change: PolicyBody): Promise<Done>
  deletePolicy(name: string): Promise<Done>
  describePolicies(names: string[], page: PageQuery): Promise<Outcome<Page<PolicyConfig>>>
  registerDefinition(
    name: string,
    body: JobDefinitionBody,
  ): Promise<Outcome<{ name: string; revision: number }>>
  deregisterDefinition(ref: JobDefinitionRef): Promise<Done>
  describeDefinitions(query: DescribeDefinitions): Promise<Outcome<Page<JobDefinition>>>
  /** For submits, in the order asked: the newest ACTIVE revision where none is named; undefined where there is none. */
  resolveDefinitions(refs: JobDefinitionRef[]): Promise<(JobDefinition | undefined)[]>
  tagsOf(resource: TaggedResource): Promise<Outcome<Tags>>
  changeTags(resource: TaggedResource, change: TagChange): Promise<Done>
  /** The number behind a queue's name, for routing. */
  queueNumber(name: string): Promise<number | undefined>
  queueConfig(number: number): Promise<QueueConfig | undefined>
  /** What an environment's object is configured with. */
  environmentSetup(
    number: number,
  ): Promise<{ config: EnvironmentConfig; queues: AttachedQueue[] } | undefined>
  /** The number behind an environment's name for an agent: of one that is deleted too, which lets it finish its jobs. */
  environmentNumber(name: string): Promise<number | undefined>
}
