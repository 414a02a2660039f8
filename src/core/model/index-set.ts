import { assert } from '../assert.ts'
import { limits } from '../limits.ts'
import { hash53 } from './ids.ts'
import { accepted, type Outcome, refused } from './outcome.ts'

/** First and last, both of it. */
export type Range = readonly [first: number, last: number]

/**
 * Which indexes of a sparse array exist. Its children are positions 0 to `count - 1` inside the queue, in ascending
 * order of their indexes, whatever the order in which they were listed.
 */
export class IndexSet {
  readonly ranges: readonly Range[]
  readonly count: number
  /** The position of each range's first index. */
  private readonly positions: number[] = []

  /** `ranges`: ascending, without overlap. */
  constructor(ranges: readonly Range[]) {
    this.ranges = ranges
    let count = 0
    for (const [first, last] of ranges) {
      this.positions.push(count)
      count += last - first + 1
    }
    this.count = count
  }

  /** The indexes 0 to `size - 1`. */
  static dense(size: number): IndexSet {
    return new IndexSet([[0, size - 1]])
  }

  /** `0-9,15,20-30` in any order, each index once and below `size`; the refusal says what is wrong with it. */
  static parse(text: string, size: number): Outcome<IndexSet> {
    const ranges: Range[] = []
    for (const part of text.split(',')) {
      const match = /^ *(\d{1,8})(?: *- *(\d{1,8}))? *$/.exec(part)
      if (!match) return refused(`'${part.slice(0, 40)}' is neither an index nor a range such as 0-9`)
      const first = Number(match[1])
      const last = match[2] === undefined ? first : Number(match[2])
      if (last < first) return refused(`'${part.trim()}' ends before it begins`)
      if (last >= size) return refused(`index ${last} is not below the array's size of ${size}`)
      ranges.push([first, last])
    }
    ranges.sort(([a], [b]) => a - b)
    for (const [i, [first]] of ranges.entries())
      if (i > 0 && first <= ranges[i - 1]![1]) return refused(`index ${first} is listed twice`)
    return accepted(new IndexSet(joined(ranges)))
  }

  indexAt(position: number): number {
    assert(position >= 0 && position < this.count, `position out of range: ${position}`)
    const range = lastAtMost(this.positions, position)
    return this.ranges[range]![0] + position - this.positions[range]!
  }

  /** Undefined for an index that is not listed. */
  positionOf(index: number): number | undefined {
    const range = lastAtMost(this.ranges, index, ([first]) => first)
    if (range < 0 || index > this.ranges[range]![1]) return undefined
    return this.positions[range]! + index - this.ranges[range]![0]
  }

  /** The indexes at these positions, ascending ranges of them. */
  at(positions: Iterable<Range>): IndexSet {
    const indexes: Range[] = []
    for (const [from, upTo] of positions)
      for (let position = from; position <= upTo; ) {
        const range = lastAtMost(this.positions, position)
        const [first, last] = this.ranges[range]!
        const index = first + position - this.positions[range]!
        const end = Math.min(last, index + upTo - position)
        indexes.push([index, end])
        position += end - index + 1
      }
    return new IndexSet(joined(indexes))
  }

  /** All indexes below `size`, so that nothing is left out. */
  isDense(size: number): boolean {
    return this.count === size
  }

  text(): string {
    return this.ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
  }

  /** Two sets have one digest when they are equal. */
  digest(): string {
    const text = this.text()
    return `${hash53(text).toString(36)}.${hash53(text, 1).toString(36)}`
  }

  /** Gaps and lengths as LEB128: two bytes a range where ranges are close. */
  pack(): Uint8Array {
    const bytes: number[] = []
    let behind = 0
    for (const [first, last] of this.ranges) {
      pushNumber(bytes, first - behind)
      pushNumber(bytes, last - first)
      behind = last + 1
    }
    return Uint8Array.from(bytes)
  }

  static unpack(bytes: Uint8Array): IndexSet {
    const ranges: Range[] = []
    let behind = 0
    const numbers = readNumbers(bytes)
    for (let gap = numbers.next(); !gap.done; gap = numbers.next()) {
      const first = behind + gap.value
      const last = first + (numbers.next().value ?? 0)
      ranges.push([first, last])
      behind = last + 1
    }
    return new IndexSet(ranges)
  }
}

/** Ascending numbers as ranges. */
export function rangesOf(ascending: Iterable<number>): Range[] {
  const ranges: [number, number][] = []
  for (const value of ascending) {
    const open = ranges.at(-1)
    if (open && value === open[1] + 1) open[1] = value
    else ranges.push([value, value])
  }
  return ranges
}

/** How many numbers are in ranges that don't overlap. */
export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0)
}

/** Ranges in any order as ascending ones that do not touch. */
export function unitedRanges(ranges: readonly Range[]): Range[] {
  return joined([...ranges].sort(([a], [b]) => a - b))
}

/** What is in both; of each, ascending ranges that don't overlap. */
export function intersection(a: readonly Range[], b: readonly Range[]): Range[] {
  const common: Range[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]![0], b[j]![0])
    const last = Math.min(a[i]![1], b[j]![1])
    if (first <= last) common.push([first, last])
    if (a[i]![1] < b[j]![1]) i++
    else j++
  }
  return common
}

/** The numbers in ranges, below `end`. */
export function* numbersIn(ranges: readonly Range[], end: number = limits.arraySize): Generator<number> {
  for (const [first, last] of ranges)
    for (let value = first; value <= last && value < end; value++) yield value
}

function joined(ranges: readonly Range[]): Range[] {
  const whole: [number, number][] = []
  for (const [first, last] of ranges) {
    const open = whole.at(-1)
    if (open && first === open[1] + 1) open[1] = last
    else whole.push([first, last])
  }
  return whole
}

/** The place of the last entry that is at most `value`, or -1. */
function lastAtMost(entries: readonly number[], value: number): number
function lastAtMost<Entry>(entries: readonly Entry[], value: number, key: (entry: Entry) => number): number
function lastAtMost(
  entries: readonly unknown[],
  value: number,
  key: (entry: never) => number = (entry) => entry,
): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (key(entries[middle] as never) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
}

function* readNumbers(bytes: Uint8Array): Generator<number, undefined> {
  let value = 0
  let shift = 0
  for (const byte of bytes) {
    value |= (byte & 0x7f) << shift
    shift += 7
    if (byte & 0x80) continue
    yield value
    value = 0
    shift = 0
  }
  return undefined
}
