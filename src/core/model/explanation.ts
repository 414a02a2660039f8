import type { JobState } from './job.ts'

/** Kinds of what a waiting job waits for, the most binding first: while one holds, those below it do not matter yet. */
export const waitKinds = [
  'DEPENDENCY',
  'ARRAY_CONCURRENCY',
  'ENVIRONMENTS_DISABLED',
  'NO_HOST',
  'NO_HOST_FITS',
  'CONSUMABLE_RESOURCE',
  'QUEUE_LIMIT',
  'SHARE_LIMIT',
  'ORDER',
  'CAPACITY',
] as const
export type WaitKind = (typeof waitKinds)[number]

/** One thing a job waits for, and what would end that wait. */
export type Wait = { kind: WaitKind; text: string; remedy: string }

/** A job that another waits for. `met`: it is in the way no more. */
export type DependencyStanding = {
  jobId: string
  /** `N_TO_N`, `SEQUENTIAL`, `AFTER_ANY`, `AFTER_FAILURE`; absent: it must succeed. */
  type?: string
  /** Absent: its history is gone. */
  status?: JobState
  met: boolean
}

/** One dimension in which a host falls short. Quantities: vCPUs, MiB, GPUs (fractions too), MiB of disk. */
export type Shortage = {
  resource: 'VCPU' | 'MEMORY' | 'GPU' | 'DISK' | 'ARCHITECTURE' | 'GPU_MODEL' | 'LABEL'
  wanted: string
  available: string
  /** By how much it falls short; absent where the resource is no quantity. */
  missing?: number
}

/** Where the job stands among those of its queue, or of its share. */
export type OrderStanding = {
  /** Jobs that are placed before it, an array counted once. */
  jobsAhead: number
  /** There are at least so many: counting them all would cost too much. */
  jobsAheadIsAtLeast?: true
  schedulingPriority: number
  share?: ShareStanding
}

/** How the job's share stands among the active ones: the lower its use for its weight, the earlier its turn. */
export type ShareStanding = {
  shareIdentifier: string
  weightFactor: number
  /** Decayed use of the policy's resource, and what its attempts hold now, per unit of weight. */
  weightedUsage: number
  /** 1: its turn is next. */
  rank: number
  activeShares: number
}

/** How one compute environment of the queue's order stands towards the job. */
export type EnvironmentStanding = {
  computeEnvironment: string
  standing: 'hosts' | 'no-host' | 'disabled'
  connectedHosts: number
  /** It would be placed here if it were its turn. */
  hasRoom: boolean
  /** Hosts that come closest to holding it now, and what each lacks. */
  nearestHosts: { containerInstance: string; lacks: Shortage[] }[]
  /** No host here, however empty, could hold it; what the closest lacks. */
  neverFits?: Shortage[]
  /** Room that is being kept for this job or for another that goes before it. `expectedAt`: epoch ms. */
  reservation?: { forThisJob: boolean; expectedAt?: number }
  /** Attempts that have been told to stop to make room for this job, and when they will have at the latest, epoch ms. */
  roomBeingMade?: { attempts: number; expectedAt: number }
  /** A queue of higher priority waits for this environment's room. */
  yieldsTo?: string
  /** What is being done to have more hosts. */
  scaling: string
}

/** Of a job, what attempts do that make room for it, within a sentence. */
export function roomBeingMadeText(attempts: number): string {
  const who = attempts === 1 ? '1 attempt has' : `${attempts} attempts have`
  return `${who} been told to stop to make room for it`
}

/** Why a job is where it is. Derived from what the next tick would decide by. */
export type Explanation = {
  jobId: string
  jobName: string
  status: JobState
  statusReason?: string
  /** One sentence. */
  summary: string
  waitingFor: Wait[]
  dependencies?: DependencyStanding[]
  order?: OrderStanding
  computeEnvironments?: EnvironmentStanding[]
  /** `at`: epoch ms. `basis`: how it was come by. */
  estimatedStart?: { at: number; basis: string }
}
