/** A binary heap that gives the item of the lowest key first; of equal keys the one that was added first. */
export class MinHeap<Item> {
  private readonly entries: { key: number; added: number; item: Item }[] = []
  private added = 0

  get size(): number {
    return this.entries.length
  }

  /** The lowest key, Infinity when empty. */
  get leastKey(): number {
    return this.entries[0]?.key ?? Number.POSITIVE_INFINITY
  }

  /** The item of the lowest key. */
  get least(): Item | undefined {
    return this.entries[0]?.item
  }

  add(key: number, item: Item): void {
    const entry = { key, added: this.added++, item }
    let at = this.entries.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.isBefore(entry, this.entries[parent]!)) break
      this.entries[at] = this.entries[parent]!
      at = parent
    }
    this.entries[at] = entry
  }

  take(): Item | undefined {
    const first = this.entries[0]
    const last = this.entries.pop()
    if (first && last && this.entries.length > 0) this.sink(last)
    return first?.item
  }

  private sink(entry: { key: number; added: number; item: Item }): void {
    const { entries } = this
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && this.isBefore(entries[child + 1]!, entries[child]!)) child++
      if (!this.isBefore(entries[child]!, entry)) break
      entries[at] = entries[child]!
      at = child
    }
    entries[at] = entry
  }

  private isBefore(a: { key: number; added: number }, b: { key: number; added: number }): boolean {
    return a.key < b.key || (a.key === b.key && a.added < b.added)
  }
}
