import type { ContainerSpec } from '../core/model/container-spec.ts'
import type { Volume } from '../core/model/job-definition.ts'
import type { AttemptDirectory, StartedRecord } from './attempt-directory.ts'
import type { ImageList } from './ports.ts'

/** One container of an attempt, as an engine sees it. */
export type EngineJob = {
  /** Unique on this host. */
  id: string
  attemptId: string
  container: ContainerSpec
  /** Other containers belong to the attempt: they share a network. */
  hasSiblings: boolean
  /** The task's: what the container's `mountPoints` name. */
  volumes: Volume[]
  /** Of the job, for whoever looks at the containers of the host. */
  tags?: Record<string, string>
  /** What the attempt has beyond the container's environment. */
  environment: Record<string, string>
  gpus: string[]
  /** Where it can read about itself, if anywhere (`metadata-server.ts`). */
  metadataUri?: string
  directory: AttemptDirectory
}

/** `lost`: it is gone and nobody saw how. */
export type EngineEnd = {
  how: 'exited' | 'start-failed' | 'lost'
  stoppedAt: number
  exitCode?: number
  reason?: string
}

export type EngineListener = {
  started(id: string, record: StartedRecord): void
  /** Once for every job launched or followed; its output is complete. */
  ended(id: string, end: EngineEnd): void
}

/**
 * A way to run a container: plain processes or Docker. Nothing here throws but `find`, whose failure keeps the agent
 * from starting; every failure of a job becomes its end.
 */
export type Engine = {
  runtime: 'docker' | 'process'
  /** Lines of its outputs begin with the time they were printed. */
  stampsOutput: boolean
  /** Where it runs images. */
  images?: ImageList
  listen(listener: EngineListener): void
  /** What became of jobs of an earlier life of the agent. `never-ran` is certain. */
  find(jobs: EngineJob[]): Promise<Map<string, StartedRecord | 'never-ran' | 'lost'>>
  launch(job: EngineJob): void
  /** Watches a job that `find` found started; its end is told, also when it has ended long ago. */
  follow(job: EngineJob, started: StartedRecord): void
  /** The engine's own id of a job's container, from before it starts until it has ended. */
  containerId?(id: string): string | undefined
  /** Asks the job to end. */
  terminate(id: string): void
  kill(id: string): void
  /** Erases what the engine itself keeps of an ended attempt, given all its containers. */
  remove(jobs: EngineJob[]): Promise<void>
  /** Lets go of everything; jobs run on, and nothing more is heard of them. */
  close(): void
}
