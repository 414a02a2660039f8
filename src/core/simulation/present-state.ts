import type { SchedulingSettings } from '../model/queue.ts'
import type { Resources } from '../model/resources.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import type { Demand, PoolHost } from '../scheduling/demand.ts'
import type { PackedShare } from '../scheduling/fair-share.ts'

/** What an environment is at this moment, as a simulation begins from it. Times are epoch ms. */
export type PresentEnvironment = {
  number: number
  name: string
  /** It starts nothing. */
  disabled: boolean
  /** All queues that may ask it. */
  queues: number[]
  hosts: PresentHost[]
  runs: PresentRun[]
}

/** `open`: it may be given more. */
export type PresentHost = { instanceId: string; host: PoolHost; open: boolean }

/**
 * `host`: its id in the pool. `endsBy`: by its bound, Infinity where there is none; `startedAt`: absent while it starts. `main`: of a
 * node of a multi-node parallel job the attempt of its main node.
 */
export type PresentRun = {
  attemptId: string
  host: string
  resources: Resources
  cards: readonly number[]
  endsBy: number
  startedAt?: number
  main?: string
}

/** What a queue is at this moment: who waits, in its order, and what is known of what runs. */
export type PresentQueue = {
  number: number
  name: string
  priority: number
  /** Numbers of its environments, in their order. */
  environments: number[]
  schedulingSettings?: SchedulingSettings
  fairsharePolicy?: FairsharePolicy
  usage?: PackedShare[]
  /** What `waiting` and `running` refer to. */
  works: Work[]
  waiting: WaitingWork[]
  /** Jobs of which attempts are placed. */
  running: RunningWork[]
  /** More waits behind than is told. */
  isCut: boolean
  /** Jobs left out since they wait for consumable resources. */
  waitForConsumables: number
  /** How long attempts of any kind ran of late, where that is known. Milliseconds. */
  typicalMs?: number
}

/** What is run. `demands`: one for each node; `learnedMs`: for how long its kind ran of late, where that is known. */
export type Work = {
  kind: string
  demands: Demand[]
  boundMs: number
  learnedMs?: number
  /** Why no host of this deployment can run it, if so. */
  never?: string
}

/** `count`: its children that may start, or 1. `atOnce`: how many of them may now, fewer where the rest wait for these. */
export type WaitingWork = {
  seq: number
  work: number
  share: string
  priority: number
  count: number
  atOnce: number
}
export type RunningWork = { seq: number; work: number; share: string; priority: number }
