import type { FairShare } from './fair-share.ts'
import { addUse, noUse, type Use } from './share-usage.ts'
import { pathsTo, weightOf } from './share-weights.ts'

/** A share with jobs that wait. `since`: the sequence number of the first; between equals the older one goes first. */
export type WaitingShare = { share: string; since: number }

/** A level of the tree. `own`: jobs of the very share that this level is; it stands beside the levels below. */
type Level = {
  path: string
  weight: number
  charged: Use
  key: number
  since: number
  parent: Level | undefined
  below: Level[]
  own: boolean
}

/**
 * Goes through shares in the order of their turns within one tick: the lowest key first at every level, and what the
 * tick has asked for a share counts at once, so that one tick of many jobs is as fair as many of one.
 */
export class ShareWalk {
  private readonly fair: FairShare
  private readonly now: number
  private readonly root: Level
  private readonly leaves = new Map<string, Level>()

  constructor(fair: FairShare, waiting: Iterable<WaitingShare>, now: number) {
    this.fair = fair
    this.now = now
    this.root = level('', 1, undefined)
    const levels = new Map<string, Level>()
    for (const { share, since } of waiting) this.add(share, since, levels)
  }

  /** The share whose turn it is; undefined when none is left. */
  next(): string | undefined {
    let at = this.root
    while (at.below.length > 0) {
      let best = at.below[0]!
      for (const one of at.below)
        if (one.key < best.key || (one.key === best.key && one.since < best.since)) best = one
      at = best
    }
    return at === this.root ? undefined : at.path
  }

  /** A job of the share has been asked for: it counts as holding `use`, and its next one has waited since `since`. */
  charge(share: string, use: Use, since: number): void {
    const leaf = this.leaves.get(share)
    if (leaf) leaf.since = since
    for (let at = leaf; at && at !== this.root; at = at.parent) {
      at.charged = addUse(at.charged, use)
      at.key = this.keyOf(at)
      if (at !== leaf) at.since = Math.min(...at.below.map((one) => one.since))
    }
  }

  /** The share has no more jobs to ask for in this tick. */
  drop(share: string): void {
    let at = this.leaves.get(share)
    this.leaves.delete(share)
    while (at?.parent && at.below.length === 0) {
      const { parent } = at
      parent.below.splice(parent.below.indexOf(at), 1)
      at = parent
    }
  }

  private add(share: string, since: number, levels: Map<string, Level>): void {
    const weights = weightOf(this.fair.policy, share)
    let parent = this.root
    for (const [i, path] of pathsTo(share).entries()) {
      const known = levels.get(path) ?? this.open(path, weights[i]!, parent)
      levels.set(path, known)
      known.since = Math.min(known.since, since)
      parent = known
    }
    // Jobs of a share that has shares below it are one of these, of weight 1.
    const leaf = level(share, 1, parent)
    leaf.own = true
    leaf.since = since
    parent.below.push(leaf)
    this.leaves.set(share, leaf)
    leaf.key = this.keyOf(leaf)
  }

  private open(path: string, weight: number, parent: Level): Level {
    const opened = level(path, weight, parent)
    opened.key = this.keyOf(opened)
    parent.below.push(opened)
    return opened
  }

  private keyOf({ own, path, weight, charged }: Level): number {
    if (own) return this.fair.ownKey(path, this.now, charged)
    return this.fair.keyOf(path, weight, this.now, charged)
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

function level(path: string, weight: number, parent: Level | undefined): Level {
  return {
    path,
    weight,
    charged: noUse,
    key: 0,
    since: Number.POSITIVE_INFINITY,
    parent,
    below: [],
    own: false,
  }
}
