import { settleWaiters } from '../../core/decisions/settle-job.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { QueueMessage } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import { dependencyState } from './submit-intake.ts'

/** Takes in what another queue says. Part of a commit. */
export function receiveMessage(ledger: QueueLedger, state: QueueState, message: QueueMessage): void {
  const { job } = message
  if (message.kind === 'ended') return settleWaiters(ledger, job, message.succeeded)
  const reached = dependencyState(ledger, job)
  if (reached === 'unfinished') {
    state.dependencies.addWatcher(job.seq, job.index, message.from)
    state.arrays.noteAwaited(job)
  } else
    ledger.send({
      to: 'queue',
      number: message.from,
      message: { kind: 'ended', job, succeeded: reached === 'succeeded' },
    })
}
