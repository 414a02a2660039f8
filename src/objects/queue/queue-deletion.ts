import { loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import { type Slices, stopInSlices } from './stop-in-slices.ts'

/** Rings while the jobs of a deleted queue have not all been ended: what a crash interrupts goes on. */
const deletionTimer = 'deletion'
const resumeAfterMs = 30_000

/** Sequence numbers one slice looks at, and jobs it ends. */
const seqsPerSlice = 5_000
const jobsPerSlice = 100

const key = 'deletion'
const terminate = { kind: 'terminate', reason: 'Job queue deleted' } as const

/**
 * Ends the jobs of a deleted queue, a slice after the other: each job is terminated once, and running ones end when
 * their hosts have stopped them. After a crash it begins again; what is ended already is left as it is.
 */
export class QueueDeletion {
  private readonly ports: Pick<QueuePorts, 'sql' | 'clock' | 'scheduler' | 'number'>
  private readonly state: QueueState
  private readonly timers: Timers
  private readonly slices: Slices
  private running = false

  constructor(ports: QueueDeletion['ports'], state: QueueState, timers: Timers, slices: Slices) {
    this.ports = ports
    this.state = state
    this.timers = timers
    this.slices = slices
  }

  /** The queue is to be known as deleted; part of that transaction. */
  arm(): void {
    if (!this.isDone()) this.timers.set(deletionTimer, this.ports.clock.now() + resumeAfterMs)
  }

  /** Ends what has not ended, if the queue is deleted. `settled` resolves once no request to place is under way. */
  begin(settled: () => Promise<unknown>): void {
    if (this.running || !this.state.configured || !this.state.config.deleted || this.isDone()) return
    this.running = true
    this.ports.scheduler.later(0, () => this.run(settled))
  }

  private async run(settled: () => Promise<unknown>): Promise<void> {
    try {
      await settled()
      this.ports.sql.transaction(() => this.arm())
      for (let after = 0; after < this.state.nextSeq; after = await this.slice(after))
        await this.slices.turn()
      this.ports.sql.transaction(() => {
        saveSetting(this.ports.sql, key, 'done')
        this.timers.cancel(deletionTimer)
      })
    } finally {
      this.running = false
    }
  }

  /** Ends some of the jobs behind `after`; returns up to where it has come. */
  private async slice(after: number): Promise<number> {
    const upTo = after + seqsPerSlice
    const seqs = this.state.jobs.unfinishedJobs(after, upTo, jobsPerSlice)
    const targets = seqs.map((seq) => ({ queue: this.ports.number, shard: 0, seq }))
    await stopInSlices(targets, terminate, this.slices)
    return seqs.length === jobsPerSlice ? seqs.at(-1)! : upTo
  }

  private isDone(): boolean {
    return loadSetting(this.ports.sql, key) === 'done'
  }
}
