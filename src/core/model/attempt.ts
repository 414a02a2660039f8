import type { AttemptId } from './ids.ts'

/** Why an attempt is over. */
export type EndCause =
  /** Its main process ended by itself. */
  | 'exited'
  /** It never ran: image, mount or command could not be set up. */
  | 'start-failed'
  /** The attempt timeout of its job ran out. */
  | 'timed-out'
  /** The scheduler asked for it (TerminateJob, preemption). */
  | 'stopped'
  /** Its host stopped it because its lease was about to run out, or found it gone after a crash. */
  | 'host-failed'

/** How one container of a task ended; no exit code where it never ran. */
export type ContainerResult = { exitCode?: number; reason?: string }

/** What an agent says of one attempt. Reports may arrive twice or late; `ended` is repeated until acknowledged. */
export type AttemptReport =
  | { attemptId: AttemptId; kind: 'started'; startedAt: number }
  | {
      attemptId: AttemptId
      kind: 'ended'
      cause: EndCause
      /** Absent when the container never ran. */
      startedAt?: number
      stoppedAt: number
      /** Absent when nothing ran or the status could not be learned. */
      exitCode?: number
      /** Container-level reason, e.g. `OutOfMemoryError: Container killed due to memory usage`. At most 255 characters. */
      reason?: string
      /** Of a task of several containers: each one's result, in the order of the task's containers. */
      containers?: ContainerResult[]
    }

/**
 * A report with the host it came from, as an environment passes it on to a queue. `preempted`: the environment had told
 * the attempt to make room, and why.
 */
export type HostReport = { preempted?: string } & (
  | (AttemptReport & { instanceId: string; runtime?: 'docker' | 'process'; privateIpv4Address?: string })
  /** The attempt is placed nowhere any more: its host has never heard of it, or was lost. */
  | { attemptId: AttemptId; kind: 'absent' | 'host-lost'; at: number; instanceId: string }
)

/** An attempt as the agent holds it when it connects. */
export type HeldAttempt =
  /** Accepted, not up yet. */
  | { attemptId: string; state: 'starting' }
  | { attemptId: string; state: 'running'; startedAt: number }
  | { attemptId: string; state: 'ended'; report: AttemptReport & { kind: 'ended' } }
