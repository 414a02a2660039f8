import type { KnownDependency } from '../../core/decisions/submit-dependencies.ts'
import type { HostReport } from '../../core/model/attempt.ts'
import type { Explanation } from '../../core/model/explanation.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { Range } from '../../core/model/index-set.ts'
import type { JobRequest, JobState, JobView } from '../../core/model/job.ts'
import type { JobCondition } from '../../core/model/job-condition.ts'
import type { JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { Outcome, Refusal } from '../../core/model/outcome.ts'
import type { StopRequest } from '../../core/model/progress.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import type { PresentQueue } from '../../core/simulation/present-state.ts'
import type { NewJob } from '../../core/simulation/what-if.ts'
import type { FreedConsumable } from '../consumables/consumables-rpc.ts'

export type SubmitJob = {
  /** The queue's name as the client gave it: a stale route is recognised by it. */
  queue: string
  definition: JobDefinitionRef
  request: JobRequest
  /** Idempotency token: a repeat is answered as the first was. */
  token?: string
}
export type SubmittedJob = { jobId: string; jobName: string }

/** Unlike jobs in one transaction. An entry that was refused before it came here keeps its place in the list. */
export type SubmitJobs = {
  queue: string
  entries: (Omit<SubmitJob, 'queue'> | { refusal: Refusal })[]
  /** Of the request as a whole. */
  token?: string
}

/** Runs a FAILED job, or the failed children of an array, again. `text`: the id as the client gave it. */
export type RerunJob = { job: JobTarget; text: string; jobName?: string; token?: string }

/** Filters of ListJobs, already parsed; at most one of the `filter` kinds. */
export type ListJobsFilter =
  | { name: 'JOB_NAME'; values: string[] }
  | { name: 'JOB_DEFINITION'; values: string[] }
  | { name: 'BEFORE_CREATED_AT' | 'AFTER_CREATED_AT'; at: number }
  | { name: 'SHARE_IDENTIFIER'; values: string[] }

export type ListJobs = {
  /** The queue's name as the client gave it, where it did: a stale route is recognised by it. */
  queue?: string
  /** List the children of this array job instead of the queue's jobs. */
  arrayJob?: JobTarget
  /** List the nodes of this multi-node parallel job instead. */
  multiNodeJob?: JobTarget
  /** Ignored where a filter other than SHARE_IDENTIFIER is given. */
  state: JobState
  filter?: ListJobsFilter
  maxResults: number
  /** Opaque; from the page before. */
  nextToken?: string
}
export type ListConsumers = {
  /** A consumable resource's name. */
  resource: string
  /** Of these states, and of these names (in any letter case; a prefix where it ends with `*`); empty: any. */
  states: JobState[]
  names: string[]
  maxResults: number
  /** `last` of the page before. */
  before?: number
}
/** Jobs that need a consumable resource, newest first. `last`: there may be more behind. */
export type ConsumerPage = { jobs: { view: JobView; quantity: number }[]; last?: number }
export type JobPage = { jobs: JobView[]; nextToken?: string }

/** All conditions must hold. */
export type SearchJobs = {
  /** The queue's name as the client gave it. */
  queue: string
  conditions: JobCondition[]
  maxResults: number
  nextToken?: string
}

/** The head of a queue and what its dispatched jobs use. `shares`: of a fair-share queue, most used first. */
export type QueueSnapshot = {
  at: number
  front: { jobId: string; earliestTimeAtPosition: number }[]
  vcpus: number
  shares?: { active: number; top: { share: string; vcpus: number }[] }
}

/** Newest first. `before`: the id of the last event of the page before. */
export type ListBlockedEvents = { queue: string; before?: number; maxResults: number }

/** That the queue is blocked: `at` in epoch ms, the job at its head as it was then. `id`: higher for later ones. */
export type BlockedEvent = { id: number; at: number; job: JobView }

/** Whether a job asked about as a dependency exists and how it ended; of an array, which children it has. */
export type DependencyState = Pick<KnownDependency, 'state' | 'array'>

/** A message between queues; delivered at least once, in any order, harmless when repeated. */
export type QueueMessage =
  /** `waiter` (of queue `from`) wants to hear how `job` ends. */
  | { kind: 'watch'; from: number; job: JobTarget }
  /** Arrays of queue `from` follow the array `job` child by child: it wants to hear how each ends. */
  | { kind: 'follow'; from: number; job: JobTarget }
  /** `job` of the sending queue has ended. */
  | { kind: 'ended'; job: JobTarget; succeeded: boolean }
  /** Children of the array `job`, by position, have ended. */
  | { kind: 'children-ended'; job: JobTarget; succeeded: readonly Range[]; failed: readonly Range[] }

/** What a JobQueue object answers to others. One object per queue, named `queue-{number}`. */
export type QueueRpc = {
  /** From the Registry: a new or changed configuration. Idempotent. */
  configure(config: QueueConfig): Promise<void>
  submitJob(submit: SubmitJob): Promise<Outcome<SubmittedJob>>
  /** An answer for each entry, in order; refused as a whole where the queue or the token is wrong. */
  submitJobs(submit: SubmitJobs): Promise<Outcome<Outcome<SubmittedJob>[]>>
  rerunJob(rerun: RerunJob): Promise<Outcome<SubmittedJob>>
  /** Answers in the order asked; undefined for what this queue does not know. */
  describeJobs(jobs: JobTarget[]): Promise<(JobView | undefined)[]>
  listJobs(query: ListJobs): Promise<Outcome<JobPage>>
  /** `queue`: its name as the client gave it. */
  snapshot(queue: string): Promise<Outcome<QueueSnapshot>>
  searchJobs(query: SearchJobs): Promise<Outcome<JobPage>>
  /** Undefined for a job that this queue does not know. */
  explainJob(job: JobTarget): Promise<Explanation | undefined>
  /** What the queue is at this moment, for a simulation. Changes nothing. */
  present(ask: AskPresent): Promise<Outcome<PresentAnswer>>
  blockedEvents(query: ListBlockedEvents): Promise<Outcome<BlockedEvent[]>>
  /** All three accept unknown and ended jobs and then change nothing. */
  cancelJob(job: JobTarget, reason: string): Promise<void>
  terminateJob(job: JobTarget, reason: string): Promise<void>
  stopJobs(jobs: JobTarget[], stop: StopRequest): Promise<void>
  /** Tags of a job as a whole, also of one that has ended; a child of an array has none. */
  jobTags(job: JobTarget): Promise<Outcome<Tags>>
  changeJobTags(job: JobTarget, change: TagChange): Promise<Outcome<Record<string, never>>>
  dependencyStates(jobs: JobTarget[]): Promise<DependencyState[]>
  deliver(messages: QueueMessage[]): Promise<void>
  /** From an environment: what became of attempts. The answer is given after the commit. */
  report(environment: number, reports: HostReport[]): Promise<ReportReply>
  listConsumers(query: ListConsumers): Promise<ConsumerPage>
  /** From Consumables: there is more of resources that jobs of this queue wait for. */
  consumablesFreed(resources: FreedConsumable[]): Promise<void>
  /** From an environment: there may be room again. `hostsChanged`: what no host could hold before may fit now. */
  wake(environment: number, hostsChanged: boolean): Promise<void>
}

/** `job`: one that is not submitted; `waiting`: one that waits, and the id as the client gave it. At most one of them. */
export type AskPresent = {
  /** The queue's name as the client gave it, where it did. */
  queue?: string
  job?: Omit<SubmitJob, 'queue' | 'token'>
  waiting?: { job: JobTarget; text: string }
}
/** `newJob`: what the job would be. `unmet`: what the job asked about waits for besides, which no simulation knows. */
export type PresentAnswer = {
  present: PresentQueue
  newJob?: NewJob
  waiting?: number
  unmet: ('DEPENDENCY' | 'CONSUMABLE_RESOURCE')[]
}

export type ReportReply = {
  /** Ended, absent or lost attempts now recorded: the environment drops their placements, the agent may erase them. */
  settled: string[]
  /** Attempts that must not run any more (ended, superseded or unknown here). */
  stop: { attemptId: string; reason: string }[]
}
