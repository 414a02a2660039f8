import type { SchedulingLimits } from '../model/scheduling-policy.ts'
import type { FairShare } from './fair-share.ts'
import { addUse, type Use } from './share-usage.ts'
import { pathsTo, shareAttributes } from './share-weights.ts'
import { limitBroken } from './usage-limits.ts'

/** What attempts hold, and how many there are. */
export type InUse = { use: Use; attempts: number }

/** Why a share may not have an attempt. `level`: whose limit that would break; `lasts`: by what is held alone. */
export type ShareLimit = { reason: string; level: string; lasts: boolean }

/** `limits`: of the queue as a whole; `held`: by all its attempts; `active`: how many of its shares are. */
type Standing = {
  limits: SchedulingLimits | undefined
  held: InUse
  fair: FairShare | undefined
  active: () => number
}

/**
 * What a queue and its shares may have more within one tick: what the tick asks for counts as if it were placed, so that
 * nobody gets beyond a limit.
 */
export class LimitCheck {
  private readonly limits: SchedulingLimits | undefined
  private readonly fair: FairShare | undefined
  private total: InUse
  /** All that may be used, in thousandths of a vCPU: the rest is kept for shares that are not active. */
  private readonly unreserved: number
  /** Of levels of the share tree, by path. */
  private readonly asked = new Map<string, InUse>()

  constructor({ limits, held, fair, active }: Standing) {
    this.limits = limits
    this.fair = fair
    this.total = held
    this.unreserved = fair?.policy.computeReservation
      ? fair.reservedLimit(active())
      : Number.POSITIVE_INFINITY
  }

  /** Why the queue may not have an attempt that holds `use`, and none behind it, if so. */
  ofQueue(use: Use): string | undefined {
    const broken = limitBroken('the job queue', this.limits, this.total, use)
    return broken === undefined ? this.reservation(use) : `QUEUE_LIMIT - ${broken}`
  }

  /** Why the share may not, if so. */
  ofShare(share: string, use: Use): ShareLimit | undefined {
    const { fair } = this
    if (!fair) return undefined
    const attributes = shareAttributes(fair.policy, share)
    for (const [i, path] of pathsTo(share).entries()) {
      const limits = attributes[i]?.limits
      const broken = limits && limitBroken(`share ${path}`, limits, this.inUse(fair, path), use)
      if (broken === undefined) continue
      return { reason: `SHARE_LIMIT - ${broken}`, level: path, lasts: !this.asked.has(path) }
    }
    return undefined
  }

  /** The attempt has been asked for. */
  take(share: string, use: Use): void {
    this.total = added(this.total, use)
    const { fair } = this
    if (fair) for (const path of pathsTo(share)) this.asked.set(path, added(this.inUse(fair, path), use))
  }

  private inUse(fair: FairShare, path: string): InUse {
    return this.asked.get(path) ?? fair.heldBy(path)
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
