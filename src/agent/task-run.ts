import { gpuShares } from '../core/model/gpu-shares.ts'
import { resourcesOf } from '../core/model/resources.ts'
import type { AttemptDirectory, AttemptRecord, StopRecord } from './attempt-directory.ts'
import type { EngineJob } from './engine.ts'
import type { AcceptedAttempt, EndedReport } from './ports.ts'
import type { ContainerEnd, ContainerProgress } from './task-lifecycle.ts'

/** One container of an attempt on this host. */
export type Run = {
  task: Task
  job: EngineJob
  progress: ContainerProgress
  /** It has an output that is followed. */
  launched: boolean
  /** All it printed is stored. */
  drained: boolean
  isTerminated: boolean
  /** When it is ended by force. */
  killAt?: number
}

/** An attempt on this host. */
export type Task = {
  attempt: AcceptedAttempt
  attemptId: string
  gpus: string[]
  directory: AttemptDirectory
  runs: Run[]
  /** The attempt is certainly this host's to run: its containers may be launched as their turn comes. */
  mayLaunch: boolean
  stop?: StopRecord
  report?: EndedReport
  /** Its start has been told. */
  isStarted: boolean
  /** Its end is recorded elsewhere: with its output delivered it is erased. */
  forgotten: boolean
  disowned: boolean
  /** Something has happened since it was last decided what follows. */
  hasChanged: boolean
  isDeciding: boolean
  wakeAt?: number
}

/**
 * An attempt with all its containers waiting. A single container has the attempt's own directory; several have one each
 * in it, and share its GPUs in their order. `metadataUri` tells where a container can read about itself.
 */
export function newTask(
  { attempt, gpus }: AttemptRecord,
  directory: AttemptDirectory,
  metadataUri?: (id: string) => string,
): Task {
  const { attemptId, environment } = attempt
  const { containers, volumes = [], tags } = attempt.spec
  const flags = { mayLaunch: false, isStarted: false, forgotten: false, disowned: false }
  const deciding = { hasChanged: false, isDeciding: false }
  const task: Task = { attempt, attemptId, gpus, directory, runs: [], ...flags, ...deciding }
  const isSingle = containers.length === 1
  const shares = gpuShares(containers.map(({ resources }) => resourcesOf(resources).gpuMilli))
  for (const [index, container] of containers.entries()) {
    const own = shares.cards[index]!.flatMap((card) => gpus[card] ?? [])
    const id = isSingle ? attemptId : `${attemptId}-${index}`
    const job: EngineJob = {
      id,
      attemptId,
      container,
      hasSiblings: !isSingle,
      volumes,
      ...(tags ? { tags } : {}),
      environment,
      gpus: own,
      ...(metadataUri ? { metadataUri: metadataUri(id) } : {}),
      directory: isSingle ? directory : directory.ofContainer(index),
    }
    const state = { progress: { state: 'waiting' as const }, launched: false, drained: false }
    task.runs.push({ task, job, ...state, isTerminated: false })
  }
  return task
}

export function isSingle(task: Task): boolean {
  return task.runs.length === 1
}

export function hasEnded(run: Run): run is Run & { progress: { state: 'ended'; end: ContainerEnd } } {
  return run.progress.state === 'ended'
}
