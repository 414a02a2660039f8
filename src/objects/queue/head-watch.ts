import type { StopRequest } from '../../core/model/progress.ts'
import {
  type BlockedHead,
  decideHead,
  type Head,
  type HeadDecision,
  reasonCode,
} from '../../core/scheduling/blocked-head.ts'
import { dropSetting, loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Timers } from '../../runtime/timers.ts'
import { BlockedEventStore } from './blocked-event-store.ts'
import { viewJob } from './job-views.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { BlockedEvent } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import type { WaitReason } from './wait-text.ts'
import { waitingJobs } from './waiting-jobs.ts'

/** Rings when the head of the queue has waited for too long; a tick then has it looked at. */
const timer = 'blocked-head'
const setting = 'blockedHead'

/**
 * After a start anew agents are still on their way back, and what is said of hosts is not the last word: for so long the
 * head is not judged.
 */
const settleMs = 10_000

/**
 * Judges the job at the head of the queue after a tick: records that the queue is blocked, and applies
 * `jobStateTimeLimitActions`. Since when it has waited outlives the object. A head that waits but for its turn costs nothing.
 */
export class HeadWatch {
  private readonly ports: Pick<QueuePorts, 'sql' | 'clock' | 'scheduler' | 'number'>
  private readonly state: QueueState
  private readonly timers: Timers
  private readonly waitReason: WaitReason
  private readonly stop: (seq: number, stop: StopRequest) => Promise<void>
  private readonly events: BlockedEventStore
  private readonly settledAt: number
  private settling = false
  private blocked: BlockedHead | undefined

  constructor(
    ports: HeadWatch['ports'],
    state: QueueState,
    timers: Timers,
    waitReason: WaitReason,
    stop: (seq: number, stop: StopRequest) => Promise<void>,
  ) {
    this.ports = ports
    this.state = state
    this.timers = timers
    this.waitReason = waitReason
    this.stop = stop
    this.settledAt = ports.clock.now() + settleMs
    this.blocked = loadSetting(ports.sql, setting)
    this.events = new BlockedEventStore(ports.sql)
  }

  /** Newest first, below the event `before`. */
  blockedEvents(before: number | undefined, limit: number): BlockedEvent[] {
    return this.events.below(before, limit)
  }

  /** Looks at the head, after a tick. `aside`: jobs have been set aside for a reason. */
  look(aside: boolean): void {
    if (!this.state.configured) return
    const { jobStateTimeLimitActions: actions = [], environments } = this.state.config
    if (!(aside || this.blocked || this.state.hostWait.reason(environments) !== undefined)) return
    const now = this.ports.clock.now()
    if (now < this.settledAt) {
      // Without actions there is no hurry: the tick that the alarm brings is soon enough.
      if (actions.length > 0) this.lookLater(this.settledAt - now)
      return
    }
    const decision = decideHead(actions, this.blocked, this.head(), now)
    this.remember(decision, now)
    if (!decision.cancel) return
    const { seq, statusReason } = decision.cancel
    this.ports.scheduler.later(0, () => this.stop(seq, { kind: 'cancel', reason: statusReason }))
  }

  private head(): Head | undefined {
    for (const job of waitingJobs(this.state, this.ports.clock.now())) {
      const reason = this.waitReason(job)
      return { seq: job.seq, ...(reason === undefined ? {} : { reason: reasonCode(reason) }) }
    }
    return undefined
  }

  private remember({ blocked, lookAt, tell }: HeadDecision, now: number): void {
    const { blocked: before } = this
    const changed =
      blocked?.seq !== before?.seq || blocked?.since !== before?.since || blocked?.told !== before?.told
    this.ports.sql.transaction(() => {
      if (tell && blocked) this.record(blocked.seq, now)
      if (changed && blocked) saveSetting(this.ports.sql, setting, blocked)
      if (changed && !blocked) dropSetting(this.ports.sql, setting)
      if (lookAt !== undefined) this.timers.set(timer, lookAt)
      else if (changed) this.timers.cancel(timer)
    })
    this.blocked = blocked
  }

  /** Of an array what waits is a child, whatever its others do. */
  private record(seq: number, at: number): void {
    const job = this.state.loadJob(seq)
    if (!job) return
    const view = viewJob(this.state, job, this.waitReason)
    this.events.add(at, { ...view, state: 'RUNNABLE' })
  }

  private lookLater(ms: number): void {
    if (this.settling) return
    this.settling = true
    this.ports.scheduler.later(ms, () => {
      this.settling = false
      this.look(true)
    })
  }
}
