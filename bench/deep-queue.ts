import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JobTarget, parseAttemptId } from '../src/core/model/ids.ts'
import type { JobRequest } from '../src/core/model/job.ts'
import type { Outcome } from '../src/core/model/outcome.ts'
import type { QueueConfig } from '../src/core/model/queue.ts'
import { NodeSql } from '../src/runtime/node-sql.ts'
import { NodeQueue, nodeQueueSalt } from '../test/support/node-queue.ts'

const jobsAtOnce = 1_000
const instanceId = 'i-0000000000000001'

/**
 * A real queue in this process, over SQLite in a file in TMPDIR, whose one environment takes as many attempts as it is
 * told. What follows an answer, the queue's tick above all, is part of what an operation costs: `settled` waits for it.
 */
export class DeepQueue {
  readonly node: NodeQueue
  private readonly folder: string
  private readonly sql: NodeSql
  private readonly config: Partial<QueueConfig>
  private pending = 0
  /** The highest sequence number given. */
  newest = 0
  /** How many attempts of each job have ended. */
  private ended = new Map<number, number>()

  constructor(config: Partial<QueueConfig> = {}, folder = mkdtempSync(join(tmpdir(), 'longshore-depth-'))) {
    this.config = config
    this.folder = folder
    this.sql = new NodeSql(join(folder, 'queue.sqlite'))
    this.node = new NodeQueue(config, { sql: this.sql, scheduler: { later: (_, task) => this.later(task) } })
  }

  /** As after an eviction: the same storage, memory lost. */
  restarted(): DeepQueue {
    this.sql.close()
    const again = new DeepQueue(this.config, this.folder)
    again.newest = this.newest
    again.ended = this.ended
    return again
  }

  /** Submits `count` jobs, a thousand a request; `request` of the job's number. */
  async fill(count: number, request: (number: number) => Partial<JobRequest>): Promise<void> {
    for (let done = 0; done < count; done += jobsAtOnce) {
      const size = Math.min(jobsAtOnce, count - done)
      await this.submit(Array.from({ length: size }, (_, i) => request(this.newest + i + 1)))
      await this.settled()
    }
  }

  /** One bulk request. */
  async submit(requests: Partial<JobRequest>[]): Promise<void> {
    this.node.now++
    const entries = requests.map((request) => ({
      definition: { name: 'definition' },
      request: { jobName: 'bench', ...request },
    }))
    for (const answer of accepted(await this.node.queue.submitJobs({ queue: 'queue', entries })))
      accepted(answer)
    this.newest += requests.length
  }

  async submitOne(request: Partial<JobRequest>): Promise<void> {
    this.newest++
    await this.node.submit(request)
  }

  /** What the environment holds has ended. */
  async endPlaced(): Promise<void> {
    const at = ++this.node.now
    for (const attemptId of this.node.placed) {
      const { seq } = parseAttemptId(attemptId, nodeQueueSalt)!
      this.ended.set(seq, (this.ended.get(seq) ?? 0) + 1)
    }
    const end = {
      instanceId,
      kind: 'ended',
      cause: 'exited',
      startedAt: at,
      stoppedAt: at,
      exitCode: 0,
    } as const
    await this.node.queue.report(
      1,
      [...this.node.placed].map((attemptId) => ({ attemptId, ...end })),
    )
    this.node.placed.clear()
  }

  target(seq: number): JobTarget {
    return { queue: 1, shard: 0, seq }
  }

  /** Any of its jobs. */
  anyJob(): JobTarget {
    return this.target(1 + Math.floor(Math.random() * this.newest))
  }

  /** Any of those that wait, or have been cancelled; `size` of each, where they are arrays. */
  anyWaiting(size = 1): JobTarget {
    for (;;) {
      const target = this.anyJob()
      if ((this.ended.get(target.seq) ?? 0) < size) return target
    }
  }

  /** Resolves when the queue has nothing left to do. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve))
    while (this.pending > 0)
  }

  /** Bytes of the data file, once everything is in it. */
  bytes(): number {
    this.sql.all('PRAGMA wal_checkpoint(TRUNCATE)')
    return statSync(join(this.folder, 'queue.sqlite')).size
  }

  remove(): void {
    this.sql.close()
    rmSync(this.folder, { recursive: true })
  }

  private later(task: () => unknown): void {
    this.pending++
    setImmediate(async () => {
      try {
        await task()
      } finally {
        this.pending--
      }
    })
  }
}

/** The value of an outcome that is no refusal. */
export function accepted<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}
