import type { StopRequest } from '../../core/model/progress.ts'
import {
  type BlockedHead,
  decideStateTimeLimit,
  type Head,
  type LimitDecision,
  reasonCode,
} from '../../core/scheduling/state-time-limits.ts'
import { dropSetting, loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'
import { waitingJobs } from './waiting-jobs.ts'

/** Rings when the head of the queue has waited for too long; a tick then has it looked at. */
const timer = 'state-time-limit'
const setting = 'blockedHead'

/**
 * After a start anew agents are still on their way back, and what is said of hosts is not the last word: for so long the
 * head is not judged.
 */
const settleMs = 10_000

/**
 * Applies the queue's `jobStateTimeLimitActions` to the job at its head. Since when that has waited for what outlives the
 * object; it is written only where an action is for it. A queue without actions costs nothing.
 */
export class HeadWatch {
  private readonly ports: Pick<QueuePorts, 'sql' | 'clock' | 'scheduler' | 'number'>
  private readonly state: QueueState
  private readonly timers: Timers
  private readonly waitReason: (seq: number) => string | undefined
  private readonly stop: (seq: number, stop: StopRequest) => Promise<void>
  private readonly settledAt: number
  private settling = false
  private blocked: BlockedHead | undefined

  constructor(
    ports: HeadWatch['ports'],
    state: QueueState,
    timers: Timers,
    waitReason: (seq: number) => string | undefined,
    stop: (seq: number, stop: StopRequest) => Promise<void>,
  ) {
    this.ports = ports
    this.state = state
    this.timers = timers
    this.waitReason = waitReason
    this.stop = stop
    this.settledAt = ports.clock.now() + settleMs
    this.blocked = loadSetting(ports.sql, setting)
  }

  /** Looks at the head, after a tick. */
  look(): void {
    if (!this.state.configured) return
    const { jobStateTimeLimitActions: actions = [] } = this.state.config
    if (actions.length === 0 && !this.blocked) return
    const now = this.ports.clock.now()
    if (now < this.settledAt) return this.lookLater(this.settledAt - now)
    const decision = decideStateTimeLimit(actions, this.blocked, this.head(), now)
    this.remember(decision)
    if (!decision.cancel) return
    const { seq, statusReason } = decision.cancel
    this.ports.scheduler.later(0, () => this.stop(seq, { kind: 'cancel', reason: statusReason }))
  }

  private head(): Head | undefined {
    for (const { seq } of waitingJobs(this.state)) {
      const reason = this.waitReason(seq)
      return { seq, ...(reason === undefined ? {} : { reason: reasonCode(reason) }) }
    }
    return undefined
  }

  private remember({ blocked, actAt }: LimitDecision): void {
    const changed = blocked?.seq !== this.blocked?.seq || blocked?.since !== this.blocked?.since
    this.ports.sql.transaction(() => {
      if (changed && blocked) saveSetting(this.ports.sql, setting, blocked)
      if (changed && !blocked) dropSetting(this.ports.sql, setting)
      if (actAt !== undefined) this.timers.set(timer, actAt)
      else if (changed) this.timers.cancel(timer)
    })
    this.blocked = blocked
  }

  private lookLater(ms: number): void {
    if (this.settling) return
    this.settling = true
    this.ports.scheduler.later(ms, () => {
      this.settling = false
      this.look()
    })
  }
}
