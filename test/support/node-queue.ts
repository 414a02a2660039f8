import type { JobTarget } from '../../src/core/model/ids.ts'
import { parseJobId } from '../../src/core/model/ids.ts'
import type { JobRequest, JobView } from '../../src/core/model/job.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import type {
  HeldPlacement,
  PlaceReply,
  PlaceRequest,
} from '../../src/objects/environment/environment-rpc.ts'
import { Queue } from '../../src/objects/queue/queue.ts'
import type { QueuePorts } from '../../src/objects/queue/queue-ports.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import { aDefinition, aQueueConfig, somewhere } from './builders.ts'

/** What its ids are made with. */
export const nodeQueueSalt = 'salt'

async function unexpected(): Promise<never> {
  throw new Error('no job here consumes anything')
}

/** A real queue on `node:sqlite`, with one environment that places what there is room for and never starts anything itself. */
export class NodeQueue {
  readonly queue: Queue
  /** How many more attempts the environment takes. */
  room = 0
  now = 1_700_000_000_000
  /** Attempts it has taken and not heard the end of. */
  readonly placed = new Set<string>()
  /** What it tells of when a session opens. */
  held: HeldPlacement[] = []
  /** The one that it takes requests of: of another once it has started anew. */
  session = 'session'
  private readonly definition = aDefinition()

  /** `remote`: how others' answers are waited for. */
  constructor(
    config: Partial<QueueConfig> = {},
    ports: Partial<Pick<QueuePorts, 'sql' | 'scheduler'>> = {},
    remote = <Rpc extends object>(rpc: Rpc): Rpc => rpc,
  ) {
    const { runtime, instanceId } = somewhere
    const standing = 'hosts' as const
    const capacity = { cpuMilli: 1_000_000, memoryMiB: 1_000_000, gpuMilli: 0, diskMiB: 0 }
    const place = async ({ asks, session }: PlaceRequest): Promise<PlaceReply> => {
      if (session !== this.session) return { ok: false, reason: 'stale-session' }
      const placed = asks.filter(({ attemptId }) => this.placed.has(attemptId) || this.take(attemptId))
      const blocked = asks
        .filter((ask) => !placed.includes(ask))
        .map(({ attemptId }) => ({ attemptId, short: [] }))
      const at = placed.map(({ attemptId }) => ({ attemptId, runtime, instanceId }))
      return { ok: true, placed: at, infeasible: [], blocked, over: [], standing, capacity }
    }
    const environment = remote({
      openSession: async () => ({ session: this.session, held: this.held, standing, capacity }),
      place,
      explainPlacement: async () => ({ standing, capacity, hosts: 1, fits: false, nearest: [] }),
      stopAttempts: async () => undefined,
      startNodes: async () => undefined,
      stopNodes: async () => undefined,
    })
    this.queue = new Queue({
      sql: new NodeSql(),
      clock: { now: () => this.now },
      scheduler: { later: (_, task) => void setImmediate(task) },
      alarm: { set: () => undefined },
      deployment: { partition: 'aws', region: 'us-east-1', accountId: '0', salt: nodeQueueSalt },
      historyMs: 86_400_000,
      number: 1,
      registry: {
        resolveDefinitions: async (refs) => refs.map(() => this.definition),
        queueConfig: async () => aQueueConfig(config),
      },
      environment: () => environment,
      queue: () => this.queue,
      consumables: {
        unknownResources: async () => [],
        openSession: async () => ({ session: 's', holders: [] }),
        acquire: unexpected,
        release: unexpected,
      },
      ...ports,
    })
  }

  async submit(request: Partial<JobRequest> = {}): Promise<string> {
    this.now++
    const definition = { name: this.definition.name }
    const outcome = await this.queue.submitJob({
      queue: 'queue',
      definition,
      request: { jobName: 'job', ...request },
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value.jobId
  }

  target(jobId: string): JobTarget {
    return parseJobId(jobId, nodeQueueSalt)!
  }

  async describe(jobIds: string[]): Promise<(JobView | undefined)[]> {
    return this.queue.describeJobs(jobIds.map((jobId) => this.target(jobId)))
  }

  /** Makes room and lets the queue use it. */
  async makeRoom(attempts: number): Promise<void> {
    this.room += attempts
    await this.queue.wake(1, false)
  }

  async report(attemptId: string, exitCode?: number): Promise<void> {
    this.now++
    const { now: at } = this
    const { instanceId } = somewhere
    await this.queue.report(1, [
      exitCode === undefined
        ? { attemptId, instanceId, kind: 'started', startedAt: at }
        : { attemptId, instanceId, kind: 'ended', cause: 'exited', stoppedAt: at, exitCode },
    ])
    if (exitCode !== undefined) this.placed.delete(attemptId)
  }

  private take(attemptId: string): boolean {
    if (this.room === 0) return false
    this.room--
    this.placed.add(attemptId)
    return true
  }
}
