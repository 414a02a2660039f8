/** What has run of late. The newest two count (Tsafrir, Etsion, Feitelson 2007). */
type Recent = [latest: number, before?: number]

/** Kinds of jobs remembered. */
const keptKinds = 1_000

/**
 * Guesses how long an attempt will run: the mean of the last two of its kind. A guess ranks jobs that may be let through
 * before others; nothing is promised by it, so that a wrong one delays nobody.
 */
export class RunTimeEstimate {
  private readonly recent = new Map<string, Recent>()

  /** An attempt of a kind has run for so long. */
  note(kind: string, ms: number): void {
    const before = this.recent.get(kind)
    this.recent.delete(kind)
    this.recent.set(kind, before ? [ms, before[0]] : [ms])
    if (this.recent.size > keptKinds) this.recent.delete(this.recent.keys().next().value!)
  }

  /** How long attempts of any kind ran of late, milliseconds: the mean over kinds; undefined while none has. */
  get typical(): number | undefined {
    if (this.recent.size === 0) return undefined
    const sum = [...this.recent.values()].reduce((total, recent) => total + mean(recent), 0)
    return sum / this.recent.size
  }

  /** The shortest first, as far as is known; between equals those that came first (SJBF). */
  shortestFirst<Item>(items: readonly Item[], of: (item: Item) => { kind: string; boundMs: number }): Item[] {
    const ranked = items.map((item) => {
      const { kind, boundMs } = of(item)
      return { item, ms: this.of(kind, boundMs) }
    })
    return ranked.sort((a, b) => (a.ms === b.ms ? 0 : a.ms - b.ms)).map(({ item }) => item)
  }

  /** Milliseconds; never more than its time-out allows, and that where nothing else is known. */
  of(kind: string, boundMs: number): number {
    const recent = this.recent.get(kind)
    if (!recent) return boundMs
    return Math.min(boundMs, mean(recent))
  }
}

function mean([latest, before = latest]: Recent): number {
  return (latest + before) / 2
}
