const minuteMs = 60_000
const minutes = 10

/** How many jobs a queue has started in the last ten minutes, as far as memory knows. Times are epoch ms. */
export class StartRate {
  /** By minute. */
  private readonly counts = new Map<number, number>()

  note(count: number, now: number): void {
    const minute = Math.floor(now / minuteMs)
    this.counts.set(minute, (this.counts.get(minute) ?? 0) + count)
    for (const old of this.counts.keys()) if (old <= minute - minutes) this.counts.delete(old)
  }

  recent(now: number): { count: number; minutes: number } {
    const oldest = Math.floor(now / minuteMs) - minutes
    let count = 0
    for (const [minute, started] of this.counts) if (minute > oldest) count += started
    return { count, minutes }
  }
}
