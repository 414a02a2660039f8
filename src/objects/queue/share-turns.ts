import { addUse, type Use, useOf } from '../../core/scheduling/share-usage.ts'
import type { ShareWalk } from '../../core/scheduling/share-walk.ts'
import { pathsTo, shareAttributes } from '../../core/scheduling/share-weights.ts'
import { limitBroken } from '../../core/scheduling/usage-limits.ts'
import type { Candidate } from './place-request.ts'
import type { QueueState } from './queue-state.ts'
import type { Tick } from './tick.ts'

type InUse = { use: Use; attempts: number }

/** Whose turn it is in one round, with what the round asks for counted as if it were placed: nobody gets beyond a limit. */
export class ShareTurns {
  private readonly state: QueueState
  private readonly tick: Tick
  private readonly candidates: (share: number) => Iterator<Candidate>
  private readonly open = new Map<string, Iterator<Candidate>>()
  private readonly walk: ShareWalk | undefined
  private total: InUse
  /** All that may be used, in thousandths of a vCPU: the rest is kept for shares that are not active. */
  private readonly unreserved: number = Number.POSITIVE_INFINITY
  /** Of levels of the share tree, by path. */
  private readonly asked = new Map<string, InUse>()

  /** `candidates`: those of a share, in its order. `now`: epoch ms. */
  constructor(
    state: QueueState,
    tick: Tick,
    candidates: (share: number) => Iterator<Candidate>,
    now: number,
  ) {
    this.state = state
    this.tick = tick
    this.candidates = candidates
    this.total = state.allocations.inUse
    const { fair } = state.allocations
    if (!fair) return
    if (fair.policy.computeReservation)
      this.unreserved = fair.reservedLimit(state.allocations.activeShares(now).size)
    this.walk = state.order.turns(fair, now)
    for (const share of tick.shareReasons.keys()) this.walk.drop(state.ready.shareName(share))
  }

  /** The next candidate; undefined when there is none, or the queue may have no more. */
  next(): Candidate | undefined {
    for (;;) {
      const share = this.nextShare()
      if (share === undefined) return undefined
      const candidate = this.of(share).next()
      if (candidate.done) {
        if (!this.walk) return undefined
        this.walk.drop(share)
      } else if (this.take(candidate.value)) return candidate.value
    }
  }

  /** Empty in a queue without shares. */
  private nextShare(): string | undefined {
    if (this.tick.queueReason !== undefined || this.tick.hasLookedFarEnough) return undefined
    return this.walk ? this.walk.next() : ''
  }

  private of(share: string): Iterator<Candidate> {
    const known = this.open.get(share) ?? this.candidates(this.state.ready.numberOf(share) ?? 0)
    this.open.set(share, known)
    return known
  }

  /** Counts a candidate, unless that would break a limit. */
  take({ job }: Candidate): boolean {
    const { share } = job
    if (this.tick.queueReason !== undefined || this.tick.shareReasons.has(share)) return false
    const use = useOf(this.state.shapes.resourcesOf(job))
    const { config } = this.state
    const queueLimit = limitBroken('the job queue', config.schedulingSettings?.limits, this.total, use)
    if (queueLimit !== undefined) this.tick.queueReason = `QUEUE_LIMIT - ${queueLimit}`
    else this.tick.queueReason = this.reservation(use)
    if (this.tick.queueReason !== undefined || !this.passShare(share, use)) return false
    this.total = added(this.total, use)
    this.walk?.charge(this.state.ready.shareName(share), use, job.seq)
    return true
  }

  /** Whether the share may have it too; it is passed over otherwise. */
  private passShare(share: number, use: Use): boolean {
    const { fair } = this.state.allocations
    if (!fair) return true
    const name = this.state.ready.shareName(share)
    const attributes = shareAttributes(fair.policy, name)
    const levels = pathsTo(name).map((path) => ({ path, inUse: this.asked.get(path) ?? fair.heldBy(path) }))
    for (const [i, { path, inUse }] of levels.entries()) {
      const broken = limitBroken(`share ${path}`, attributes[i]?.limits, inUse, use)
      if (broken === undefined) continue
      this.tick.shareReasons.set(share, `SHARE_LIMIT - ${broken}`)
      this.walk?.drop(name)
      return false
    }
    for (const { path, inUse } of levels) this.asked.set(path, added(inUse, use))
    return true
  }

  private reservation(use: Use): string | undefined {
    const { total, unreserved: most } = this
    // Something may always run, however much is kept.
    if (total.attempts === 0 || total.use.cpuMilli + use.cpuMilli <= most) return undefined
    return `SHARE_RESERVATION - the computeReservation of the scheduling policy keeps vCPUs for shares that are not active: ${most / 1000} may be used, ${total.use.cpuMilli / 1000} are`
  }
}

function added({ use, attempts }: InUse, more: Use): InUse {
  return { use: addUse(use, more), attempts: attempts + 1 }
}
