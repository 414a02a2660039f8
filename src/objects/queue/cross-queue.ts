import { settleCounterparts } from '../../core/decisions/settle-counterparts.ts'
import { settleWaiters } from '../../core/decisions/settle-job.ts'
import { type JobTarget, maxArrayIndex } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import { dependencyState } from './dependency-state.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { DependencyState, QueueMessage } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import type { Slices } from './stop-in-slices.ts'

type SmallMessage = Exclude<QueueMessage, { kind: 'children-ended' }>

/** Takes in what other queues say of their jobs, and tells them of this one's. Repeats and late messages do no harm. */
export class CrossQueue {
  private readonly state: QueueState
  private readonly slices: Slices

  constructor(state: QueueState, slices: Slices) {
    this.state = state
    this.slices = slices
  }

  /** How jobs of this queue stand, for those that would wait for them. */
  dependencyStates(jobs: JobTarget[]): DependencyState[] {
    return this.slices.commit((ledger) => jobs.map((job) => this.standing(ledger, this.state.locate(job))))
  }

  /** Each of what may settle many jobs or children at once has commits of its own, and others have their turn between them. */
  async deliver(messages: QueueMessage[]): Promise<void> {
    const { commit, turn } = this.slices
    const small = messages.filter((message): message is SmallMessage => !this.isLarge(message))
    if (small.length > 0)
      commit((ledger) => {
        for (const message of small) this.receive(ledger, message)
      })
    for (const message of messages)
      if (message.kind === 'children-ended') {
        const array = { queue: message.job.queue, seq: message.job.seq }
        while (commit((ledger) => settleCounterparts(ledger, array, message))) await turn()
      } else if (this.isLarge(message)) {
        await turn()
        commit((ledger) => this.receive(ledger, message))
      }
  }

  /** What a commit of this queue had no room for, it tells the queue itself. */
  private isLarge(message: QueueMessage): boolean {
    return (
      message.kind === 'children-ended' ||
      (message.job.queue === this.state.config.number && message.kind === 'ended')
    )
  }

  private receive(ledger: QueueLedger, message: SmallMessage): void {
    const { job } = message
    switch (message.kind) {
      case 'ended':
        return settleWaiters(ledger, job, message.succeeded)
      case 'watch':
        return this.watch(ledger, message.from, job)
      case 'follow':
        return this.follow(ledger, message.from, job.seq)
    }
  }

  private watch(ledger: QueueLedger, from: number, job: JobTarget): void {
    const target = this.state.locate(job)
    const { state } = this.standing(ledger, target)
    if (target && state === 'unfinished') {
      this.state.dependencies.addWatcher(target.seq, target.index, from)
      this.state.arrays.noteAwaited(target)
    } else
      ledger.send({
        to: 'queue',
        number: from,
        message: { kind: 'ended', job, succeeded: state === 'succeeded' },
      })
  }

  private standing(ledger: QueueLedger, target: JobTarget | undefined): DependencyState {
    return target ? dependencyState(this.state, ledger, target) : { state: 'unknown' }
  }

  /** The other queue hears at once what has ended before. An array that is not here any more has failed it. */
  private follow(ledger: QueueLedger, from: number, seq: number): void {
    const job = ledger.job(seq)
    if (!job?.array) {
      const gone = { queue: ledger.queue, shard: 0, seq }
      return ledger.send({
        to: 'queue',
        number: from,
        message: { kind: 'children-ended', job: gone, succeeded: [], failed: [[0, maxArrayIndex]] },
      })
    }
    const children = ledger.children(seq)
    const ends = { succeeded: [...children.endedIn('SUCCEEDED')], failed: [...children.endedIn('FAILED')] }
    if (ends.succeeded.length + ends.failed.length > 0) ledger.sendChildEnds(from, seq, ends)
    if (isTerminal(job.progress.state)) return
    this.state.dependencies.addFollowingQueue(seq, from)
    this.state.arrays.noteFollowingQueue(seq, from)
  }
}
