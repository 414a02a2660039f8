import { type FairShare, ownPath } from './fair-share.ts'
import { addUse, noUse, type Use } from './share-usage.ts'
import { pathsTo, weightOf } from './share-weights.ts'
import { isBefore, noPlace, type Turn, TurnHeap } from './turn-heap.ts'

/** A share with jobs that wait. `since`: the sequence number of the first; between equals the older one goes first. */
export type WaitingShare = { share: string; since: number }

/**
 * A level of the tree, by the path of its use. `keyed`: its key is what its use, `charged` and the time make it; `below`:
 * those that have something to ask for. `share`: of a leaf, the jobs of that very share, which stand beside the levels below
 * it; `waits`: since when the first does, if any, as was told; `asks`: it has its turns in this round.
 */
type Level = Turn & {
  path: string
  weight: number
  charged: Use
  keyed: boolean
  parent: Level | undefined
  below: TurnHeap<Level>
  share?: string
  waits?: number | undefined
  asks: boolean
}

/**
 * Goes through shares in the order of their turns, a round at a time: the lowest key first at every level, and what the
 * round has asked for a share counts at once, so that one tick of many jobs is as fair as many of one. Between equal
 * levels that goes first whose next job is older.
 *
 * It may be kept from round to round: what a share charges, drops or tells of costs the logarithm of the number of its
 * siblings at every level, then and again when the next round begins. Only when time has moved keys (`FairShare.keyTime`),
 * a thousand times in a window at most, all are worked out anew.
 */
export class ShareWalk {
  private readonly fair: FairShare
  private readonly root = newLevel('', 1, undefined)
  private readonly levels = new Map<string, Level>()
  /** Levels that, with those above, stand otherwise at the beginning of a round than now. */
  private readonly stale = new Set<Level>()
  private keyTime = Number.NaN

  /** Begins a round; `now`: epoch ms. */
  constructor(fair: FairShare, waiting: Iterable<WaitingShare>, now: number) {
    this.fair = fair
    for (const { share, since } of waiting) this.waits(share, since)
    this.restart(now)
  }

  /** The share whose turn it is; undefined when none is left. */
  next(): string | undefined {
    let at = this.root
    for (let below = at.below.first; below; below = at.below.first) at = below
    return at.share
  }

  /** The place of the share among those that ask for something, 1 for the one whose turn it is; behind them all if it does not. */
  rankOf(share: string): number {
    const leaf = this.levels.get(ownPath(share))
    if (!leaf?.asks) return 1 + sharesOf(this.root)
    let rank = 1
    for (let at = leaf; at.parent; at = at.parent)
      for (const sibling of at.parent.below) if (isBefore(sibling, at)) rank += sharesOf(sibling)
    return rank
  }

  /** A job of the share has been asked for: it counts as holding `use`, and its next one has waited since `since`. */
  charge(share: string, use: Use, since: number): void {
    const leaf = this.levels.get(ownPath(share))
    if (!leaf?.asks) return
    leaf.since = since
    for (let at = leaf; at.parent; at = at.parent) recharge(at, addUse(at.charged, use))
    this.settle(leaf)
    this.stale.add(leaf)
  }

  /** The share has no more jobs to ask for in this round. */
  drop(share: string): void {
    const leaf = this.levels.get(ownPath(share))
    if (!leaf?.asks) return
    leaf.asks = false
    this.settle(leaf)
    this.stale.add(leaf)
  }

  /** For this round the share's first job, if it has none that is older, has waited since `since`. */
  join(share: string, since: number): void {
    const leaf = this.levels.get(ownPath(share)) ?? this.open(share)
    leaf.since = leaf.asks ? Math.min(leaf.since, since) : since
    leaf.asks = true
    this.settle(leaf)
    this.stale.add(leaf)
  }

  /** From the next round on the share's first job waits since `since`, or none does. */
  waits(share: string, since: number | undefined): void {
    const leaf = this.levels.get(ownPath(share)) ?? (since === undefined ? undefined : this.open(share))
    if (!leaf || leaf.waits === since) return
    leaf.waits = since
    this.stale.add(leaf)
  }

  /** What the share's attempts hold has changed: its keys have from the next round on. */
  useChanged(share: string): void {
    for (const path of [...pathsTo(share), ownPath(share)]) this.unkey(this.levels.get(path))
  }

  /** What all keys are measured by has. */
  allChanged(): void {
    for (const level of this.levels.values()) this.unkey(level)
  }

  /** Begins another round: nothing is charged any more, and what was dropped is back. `now`: epoch ms. */
  restart(now: number): void {
    const keyTime = this.fair.keyTime(now)
    if (keyTime !== this.keyTime) this.allChanged()
    this.keyTime = keyTime
    for (const level of this.stale) this.refresh(level)
    for (const level of this.stale)
      for (let at = level; at.parent && at.place === noPlace; at = at.parent) this.levels.delete(at.path)
    this.stale.clear()
  }

  /** As it is before anything is asked for. */
  private refresh(level: Level): void {
    level.since = level.waits ?? level.since
    level.asks = level.waits !== undefined
    for (let at = level; at.parent; at = at.parent) if (at.charged !== noUse) recharge(at, noUse)
    this.settle(level)
  }

  private unkey(level: Level | undefined): void {
    if (!level) return
    level.keyed = false
    this.stale.add(level)
  }

  /** Puts a level, and those above, where they stand among their siblings, if they have something to ask for. */
  private settle(level: Level): void {
    for (let at = level; at.parent; at = at.parent) {
      const { below, parent, share } = at
      if (!at.keyed) at.key = this.fair.keyOf(at.path, at.weight, this.keyTime, at.charged)
      at.keyed = true
      if (share === undefined) at.since = below.first?.since ?? at.since
      if (share === undefined ? below.first : at.asks) parent.below.put(at)
      else parent.below.remove(at)
    }
  }

  private open(share: string): Level {
    const weights = weightOf(this.fair.policy, share)
    let parent = this.root
    for (const [i, path] of pathsTo(share).entries()) {
      const known = this.levels.get(path) ?? newLevel(path, weights[i]!, parent)
      this.levels.set(path, known)
      parent = known
    }
    // Jobs of a share that has shares below it are one of these, of weight 1.
    const leaf: Level = { ...newLevel(ownPath(share), 1, parent), share }
    this.levels.set(leaf.path, leaf)
    return leaf
  }
}

/**
 * Items of shares in the order of their turns. `itemsOf`: a share's in its own order. What was yielded is charged when the
 * next is asked for; `chargeOf` says as what, and since when its share's next one counts as waiting.
 */
export function* inTurns<Item>(
  walk: ShareWalk,
  itemsOf: (share: string) => Iterator<Item, unknown>,
  chargeOf: (item: Item) => { use: Use; since: number },
): Generator<Item> {
  const open = new Map<string, Iterator<Item, unknown>>()
  for (let share = walk.next(); share !== undefined; share = walk.next()) {
    const items = open.get(share) ?? itemsOf(share)
    open.set(share, items)
    const next = items.next()
    if (next.done) walk.drop(share)
    else {
      yield next.value
      const { use, since } = chargeOf(next.value)
      walk.charge(share, use, since)
    }
  }
}

function recharge(level: Level, use: Use): void {
  level.charged = use
  level.keyed = false
}

/** How many shares ask for something there. */
function sharesOf({ share, below }: Level): number {
  if (share !== undefined) return 1
  let count = 0
  for (const level of below) count += sharesOf(level)
  return count
}

function newLevel(path: string, weight: number, parent: Level | undefined): Level {
  const below = new TurnHeap<Level>()
  const stands = { key: 0, since: 0, place: noPlace, asks: false }
  return { path, weight, charged: noUse, keyed: false, parent, below, ...stands }
}
