/** Neighbouring jobs that are remembered together. */
const blockSize = 1_024
/** Blocks remembered: of a hundred million jobs. */
const keptBlocks = 100_000

/**
 * Among which neighbours no job's row says RUNNABLE, as far as lists have looked: there is no index of these by age, and so
 * nobody goes twice through what waits for others, or has ended, to find a few. Memory only.
 */
export class BarrenBlocks {
  private readonly known = new Set<number>()

  /** All jobs from `from` on and below `before` have been looked at, the newest of them `newest`; `runnable`: those that say so. */
  noteLookedAt(from: number, before: number, newest: number, runnable: readonly number[]): void {
    if (this.known.size > keptBlocks) this.known.clear()
    const bearing = new Set(runnable.map(blockOf))
    const last = Math.min(blockOf(before) - 1, blockOf(newest))
    for (let block = Math.ceil(from / blockSize); block <= last; block++)
      if (!bearing.has(block)) this.known.add(block)
  }

  /** A job is RUNNABLE now. */
  noteRunnable(seq: number): void {
    this.known.delete(blockOf(seq))
  }

  /** Where, below `before`, the next block begins that is not barren, from above. */
  skip(before: number): number {
    let below = before
    while (below > 0 && this.known.has(blockOf(below - 1))) below = blockOf(below - 1) * blockSize
    return below
  }

  /** Down to where it is to be looked, from `before` as far as `from`: to the first barren block, or the end of a block. */
  reach(from: number, before: number): number {
    let block = blockOf(before - 1)
    while (block > blockOf(from) && !this.known.has(block - 1)) block--
    return block * blockSize
  }

  /** After a failed commit. */
  clear(): void {
    this.known.clear()
  }
}

function blockOf(seq: number): number {
  return Math.floor(seq / blockSize)
}
