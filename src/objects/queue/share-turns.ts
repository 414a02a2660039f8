import { LimitCheck } from '../../core/scheduling/limit-check.ts'
import { useOf } from '../../core/scheduling/share-usage.ts'
import type { ShareWalk } from '../../core/scheduling/share-walk.ts'
import type { Candidate } from './place-request.ts'
import type { QueueState } from './queue-state.ts'
import type { Tick } from './tick.ts'

/** Whose turn it is in one round, with what the round asks for counted as if it were placed: nobody gets beyond a limit. */
export class ShareTurns {
  private readonly state: QueueState
  private readonly tick: Tick
  private readonly candidates: (share: number) => Iterator<Candidate>
  private readonly open = new Map<string, Iterator<Candidate>>()
  private readonly walk: ShareWalk | undefined
  private readonly check: LimitCheck

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
    const { allocations, config } = state
    const { fair, inUse: held } = allocations
    const active = () => allocations.activeCount(now)
    this.check = new LimitCheck({ limits: config.schedulingSettings?.limits, held, fair, active })
    if (!fair) return
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

  /** Counts a candidate, unless that would break a limit; a share that is at its own is passed over from now on. */
  take({ job }: Candidate): boolean {
    const { tick, check, walk, state } = this
    if (tick.queueReason !== undefined || tick.shareReasons.has(job.share)) return false
    const use = useOf(state.shapes.resourcesOf(job))
    tick.queueReason = check.ofQueue(use)
    if (tick.queueReason !== undefined) return false
    const share = state.ready.shareName(job.share)
    const limit = check.ofShare(share, use)
    if (limit) {
      tick.shareReasons.set(job.share, limit.reason)
      walk?.drop(share)
      if (limit.lasts) state.order.passOver(job.share, limit)
      return false
    }
    check.take(share, use)
    walk?.charge(share, use, job.seq)
    return true
  }
}
