import type { EnvironmentConfig, HostView } from '../../core/model/environment.ts'
import type { Constraints } from '../../core/model/placement-constraints.ts'
import type { Resources } from '../../core/model/resources.ts'
import type { TaskSpec } from '../../core/model/task-spec.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { Standing } from '../../core/scheduling/pending-reason.ts'
import type { PresentEnvironment } from '../../core/simulation/present-state.ts'

/** A queue that may ask this environment to place. */
export type AttachedQueue = { number: number; name: string; priority: number }

/** An attempt the environment has given to a host and whose end the queue has not recorded yet. */
export type HeldPlacement = {
  attemptId: string
  instanceId: string
  runtime: 'docker' | 'process'
  placedAt: number
  startedAt?: number
  /** It has been told to make room. */
  makesRoom?: true
}

/**
 * `held`: what is placed here for the queue already. `capacity`: all that the environment may have, of each dimension
 * the larger of what is connected and what its configuration allows (`maxvCpus`, `unmanagedvCpus`).
 */
export type OpenedSession = {
  session: string
  held: HeldPlacement[]
  standing: Standing
  capacity: Resources
}

export type PlaceAsk = {
  attemptId: string
  spec: number
  environment: Record<string, string>
  /**
   * The ask is for the main node of a multi-node parallel job, and these are the others: all of them are placed or none
   * is. They have their room and wait for `startNodes`; should the main node's placement end before, they are released.
   */
  nodes?: NodeAsk[]
  /** Where there is no room, shares of the queue that are in excess may have to make it. */
  reclaims?: true
}
/** A share that has more than it is entitled to: by how much, and its attempts with what each counts. */
export type ShareExcess = { excess: number; attempts: [attemptId: string, cost: number][] }
/** `images`: what it runs, in the form of `familiarImage`. */
export type NodeAsk = {
  attemptId: string
  resources: Resources
  constraints?: Constraints
  images: string[]
}
/** `nodes`: those of the ask's that are placed. */
export type PlacedAsk = PlacedAttempt & { nodes?: PlacedAttempt[] }
export type PlacedAttempt = { attemptId: string; instanceId: string; runtime: 'docker' | 'process' }

/** Of one attempt of a multi-node parallel job. */
export type StartNodes = {
  /** The attempt of the main node, which runs: its host's address is told to the others. */
  main: string
  specs: TaskSpec[]
  nodes: { attemptId: string; spec: number; environment: Record<string, string> }[]
}
export type PlaceRequest = {
  queue: number
  /** From `openSession`. A request of an older session is refused: its sender's view of its placements is stale. */
  session: string
  specs: TaskSpec[]
  /** In the queue's order. None at all: the queue has nothing to ask for, and room kept for it is free again. */
  asks: PlaceAsk[]
  /** Nothing behind the first ask that finds no room is tried. */
  strict?: true
  /**
   * It goes on where the request before stopped: what that one kept room for still waits. Without it the queue's
   * reservation is made anew, by the first ask that finds no room.
   */
  continues?: true
  /** Asked for in vain before and placed by another environment since: nothing is kept for these any more. */
  elsewhere?: string[]
  /** For asks that find no room, attempts of queues of lower priority may have to make it. */
  preempts?: true
  /** From whom asks that reclaim may have room, within the queue: no share is left with less than it is entitled to. */
  excess?: ShareExcess[]
}
/** Attempts that have been told to stop to make room for one, nodes not counted, and when they will have at the latest, epoch ms. */
export type RoomBeingMade = { attempts: number; by: number }
/**
 * An ask that would fit a host but not now; the environment wakes the queue when it may. `reservedAt`: room is kept for
 * it, free then at the latest, where the time-outs of what runs there say so; epoch ms. `short`: what the host that comes
 * closest lacks, nothing where only what is kept for others is in the way, or it was not tried.
 */
export type BlockedAsk = {
  attemptId: string
  reservedAt?: number
  roomBeingMade?: RoomBeingMade
  short: Lack[]
}
export type PlaceReply =
  | { ok: false; reason: 'stale-session' }
  | {
      ok: true
      placed: PlacedAsk[]
      /** No host, even an empty one, could hold these; the reason is shown as the job's status reason. */
      infeasible: { attemptId: string; reason: string }[]
      /** Every ask for which there was no room, and with `strict` those behind the first. */
      blocked: BlockedAsk[]
      /** Have ended or were lost, as the queue is about to hear: nobody is to be asked for them. */
      over: string[]
      /** Attempts of the queue itself that have been told to make room for its asks. */
      preempted?: string[]
      standing: Standing
      /** As in `OpenedSession`. */
      capacity: Resources
    }

/** How would an attempt be placed? `specs` and `spec`, `attemptId` and `nodes` as in a request to place. */
export type PlacementQuestion = Omit<PlaceAsk, 'environment'> & { queue: number; specs: TaskSpec[] }

/** How an environment stands towards an attempt at this moment: what a request to place it would be answered, and why. */
export type PlacementView = {
  standing: Standing
  /** As in `OpenedSession`. */
  capacity: Resources
  /** How many hosts are connected. */
  hosts: number
  /** Where the attempt is placed already. */
  placedOn?: string
  /** It has room now, beside what is kept for others: it would be placed if it were its queue's turn to ask. */
  fits: boolean
  /** Up to three connected hosts that come closest to having room; nothing is lacking where only what is kept for others is in the way. */
  nearest: { instanceId: string; lacks: Lack[] }[]
  /** No connected host, however empty, could hold it, or not all of its nodes: what the closest lacks; and why, in words. */
  infeasible?: Lack[]
  infeasibleReason?: string
  /** `mine`: room is kept for it; otherwise its queue's or another's first blocked attempt, in whose way it would be. */
  reservation?: { mine: boolean; queue: number; attemptId: string; at?: number; hosts: string[] }
  roomBeingMade?: RoomBeingMade
  /** The queue of higher priority whose turn it is first. */
  yieldsTo?: number
}

/** What a ComputeEnvironment object answers to others. One object per environment, named `environment-{number}`. */
export type EnvironmentRpc = {
  /** From the Registry. Idempotent. */
  configure(config: EnvironmentConfig, queues: AttachedQueue[]): Promise<void>
  /** Begins a queue's conversation (its object has started anew) and tells what is already placed for it. */
  openSession(queue: number): Promise<OpenedSession>
  /** Places what fits. Idempotent by attempt: asking again for a held one answers where it is. */
  place(request: PlaceRequest): Promise<PlaceReply>
  /** What `place` would say of an attempt now, and why. Changes nothing. */
  explainPlacement(question: PlacementQuestion): Promise<PlacementView>
  /** What the environment is at this moment, for a simulation. Changes nothing. */
  present(): Promise<PresentEnvironment>
  /** Asks the hosts of these attempts to stop them. What is not held here is ignored. */
  stopAttempts(attempts: { attemptId: string; reason: string }[]): Promise<void>
  /**
   * Starts nodes that are held back. Idempotent by attempt. What is placed here no longer is reported as lost, unless
   * its main node is gone too: then the end of that is on its way to the queue.
   */
  startNodes(start: StartNodes): Promise<void>
  /** As `stopAttempts`, and reports what has not run, or is not held here, as absent. */
  stopNodes(attempts: { attemptId: string; reason: string }[]): Promise<void>
  describeHosts(): Promise<HostView[]>
}
