/** The least of many scores, kept as each changes: a tournament. Infinity stands for none. */
export class ScoreTree {
  private readonly size: number
  private readonly least: Float64Array

  constructor(count: number) {
    this.size = 2 ** Math.ceil(Math.log2(Math.max(1, count)))
    this.least = new Float64Array(2 * this.size).fill(Number.POSITIVE_INFINITY)
  }

  score(index: number): number {
    return this.least[this.size + index]!
  }

  set(index: number, score: number): void {
    const { least } = this
    let at = this.size + index
    least[at] = score
    while (at > 1) {
      at >>= 1
      const left = least[2 * at]!
      const right = least[2 * at + 1]!
      const lower = left <= right ? left : right
      if (least[at] === lower) return
      least[at] = lower
    }
  }

  /** The first index with the least score, or undefined when there is none. */
  best(): number | undefined {
    const { least, size } = this
    if (least[1] === Number.POSITIVE_INFINITY) return undefined
    let at = 1
    while (at < size) at = least[2 * at]! <= least[2 * at + 1]! ? 2 * at : 2 * at + 1
    return at - size
  }

  /** The same among those that are allowed; asks of few, best first. */
  bestAllowed(allowed: (index: number) => boolean): number | undefined {
    let found: number | undefined
    let bound = Number.POSITIVE_INFINITY
    const search = (at: number): void => {
      const score = this.least[at]!
      if (score >= bound) return
      if (at >= this.size) {
        if (!allowed(at - this.size)) return
        found = at - this.size
        bound = score
        return
      }
      const first = this.least[2 * at]! <= this.least[2 * at + 1]! ? 2 * at : 2 * at + 1
      search(first)
      search(first ^ 1)
    }
    search(1)
    return found
  }
}
