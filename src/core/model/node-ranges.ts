/** Nodes `from` to `to`, both included. */
export type NodeRange = { from: number; to: number }

/**
 * A `targetNodes` text (AWS Batch API, NodeRangeProperty) of a job of `count` nodes: `a:b`, `:b` (from 0), `a:` (to the
 * last), or one node alone. A range may end behind the last node; undefined for what is no range or begins behind it.
 */
export function parseNodeRange(text: string, count: number): NodeRange | undefined {
  const match = rangePattern.exec(text)
  if (!match) return undefined
  const [, first, colon, last] = match
  if (first === '' && last === '') return undefined
  const from = first === '' ? 0 : Number(first)
  const to = last !== '' ? Number(last) : colon === ':' ? count - 1 : from
  return from < count && from <= to ? { from, to: Math.min(to, count - 1) } : undefined
}

const rangePattern = /^([0-9]{0,4})(:?)([0-9]{0,4})$/

/** Whether the text leaves its end open, so that the number of nodes may be overridden. */
export function isOpenEnded(targetNodes: string): boolean {
  return targetNodes.endsWith(':')
}

/** The narrowest of the ranges that hold a node, by its place in the list; of two alike the later. -1: none does. */
export function narrowestRange(ranges: (NodeRange | undefined)[], node: number): number {
  let best = -1
  let width = Number.POSITIVE_INFINITY
  for (const [at, range] of ranges.entries()) {
    if (!range || node < range.from || node > range.to || range.to - range.from > width) continue
    best = at
    width = range.to - range.from
  }
  return best
}
