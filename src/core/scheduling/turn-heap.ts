/** Something whose turn comes: the lowest key first, between equals who has waited since the lowest number. `place`: the heap's own note. */
export type Turn = { key: number; since: number; place: number }

/** Where what stands in no heap stands. */
export const noPlace = -1

/** A binary heap that knows where each item stands, so that one whose turn has changed finds its place again in log n steps. */
export class TurnHeap<Item extends Turn> {
  private readonly items: Item[] = []

  /** Whose turn it is. */
  get first(): Item | undefined {
    return this.items[0]
  }

  /** Takes the item up, or to where it stands now that its key or `since` is another. */
  put(item: Item): void {
    if (item.place === noPlace) item.place = this.items.push(item) - 1
    this.sink(this.rise(item))
  }

  remove(item: Item): void {
    const { place } = item
    if (place === noPlace) return
    const last = this.items.pop()!
    item.place = noPlace
    if (last === item) return
    this.set(place, last)
    this.put(last)
  }

  /** In no order. */
  [Symbol.iterator](): Iterator<Item> {
    return this.items.values()
  }

  private rise(item: Item): Item {
    while (item.place > 0) {
      const above = this.items[(item.place - 1) >> 1]!
      if (!isBefore(item, above)) break
      this.swap(item, above)
    }
    return item
  }

  private sink(item: Item): void {
    for (;;) {
      const left = this.items[2 * item.place + 1]
      const right = this.items[2 * item.place + 2]
      const below = left && right && isBefore(right, left) ? right : left
      if (!below || !isBefore(below, item)) return
      this.swap(item, below)
    }
  }

  private swap(a: Item, b: Item): void {
    const { place } = a
    this.set(b.place, a)
    this.set(place, b)
  }

  private set(place: number, item: Item): void {
    this.items[place] = item
    item.place = place
  }
}

/** Whether the turn of `a` comes before that of `b`. */
export function isBefore(a: Turn, b: Turn): boolean {
  return a.key < b.key || (a.key === b.key && a.since < b.since)
}
