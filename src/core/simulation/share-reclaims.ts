import type { FairShare } from '../scheduling/fair-share.ts'
import { shareEntitlements } from '../scheduling/share-entitlements.ts'
import { useOf } from '../scheduling/share-usage.ts'
import type { SimulatedEnvironment } from './simulated-environment.ts'
import { resourcesOf, type TraceJob } from './trace-job.ts'

/** Which shares of a queue have more than they are entitled to, and whose jobs may have room from them, within one pass. */
export class ShareReclaims {
  /** By the number of the share. */
  readonly excess = new Map<number, number>()
  private readonly fair: FairShare
  private readonly has = new Map<string, number>()
  private readonly numbers = new Map<string, number>()
  private readonly entitled: ReadonlyMap<string, number>

  /** `waiting`: shares with jobs that wait. */
  constructor(
    fair: FairShare,
    queue: number,
    environments: readonly SimulatedEnvironment[],
    waiting: ReadonlySet<string>,
    now: number,
  ) {
    this.fair = fair
    let total = 0
    for (const { running } of environments)
      for (const [job, held] of running) {
        if (held.queue !== queue) continue
        const cost = this.costOf(job)
        total += cost
        if (!held.leaving) this.has.set(job.share, (this.has.get(job.share) ?? 0) + cost)
      }
    const shares = [...new Set([...this.has.keys(), ...waiting])]
    const standings = shares.map((share) => ({
      share,
      holds: this.has.get(share) ?? 0,
      waits: waiting.has(share),
    }))
    this.entitled = shareEntitlements(fair.policy, standings, fair.mostHeld(total, now))
    for (const { share, holds } of standings) {
      const over = holds - this.entitled.get(share)!
      if (over <= 0) continue
      this.numbers.set(share, this.numbers.size)
      this.excess.set(this.numbers.get(share)!, over)
    }
  }

  /** The job is asked for: its share would have so much. */
  note(job: TraceJob): void {
    this.has.set(job.share, (this.has.get(job.share) ?? 0) + this.costOf(job))
  }

  /** Whether the job, which is asked for, may have room from others: its share would have no more than it is entitled to. */
  may({ share }: TraceJob): boolean {
    return this.excess.size > 0 && (this.has.get(share) ?? 0) <= (this.entitled.get(share) ?? 0)
  }

  /** Of a job that runs: its share's number, and what it counts there, if that has too much. */
  excessOf(job: TraceJob): { id: number; cost: number } | undefined {
    const id = this.numbers.get(job.share)
    return id === undefined ? undefined : { id, cost: this.costOf(job) }
  }

  private costOf(job: TraceJob): number {
    return this.fair.measure(useOf(resourcesOf(job)))
  }
}
