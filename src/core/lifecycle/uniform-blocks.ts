import type { Range } from '../model/index-set.ts'

/** Neighbours that share a block. */
const blockSize = 1024

/** A block whose entries differ, and how many of each value it holds. */
type Mixed = { values: Uint8Array; counts: Uint16Array }

/**
 * A small number (0 to 15) for each of up to a million positions, all 0 at first. Neighbours mostly agree, so a block of
 * equal ones is one number and only a block whose entries differ takes a byte for each: an array that nothing has been
 * done to, or that is done, takes eight bytes for a thousand children.
 */
export class UniformBlocks {
  readonly size: number
  private readonly blocks: (number | Mixed)[]
  private mixed = 0

  constructor(size: number) {
    this.size = size
    this.blocks = new Array(Math.ceil(size / blockSize)).fill(0)
  }

  at(position: number): number {
    const block = this.blocks[Math.floor(position / blockSize)]
    return typeof block === 'object' ? block.values[position % blockSize]! : (block ?? 0)
  }

  set(position: number, value: number): void {
    const number = Math.floor(position / blockSize)
    let block = this.blocks[number]!
    if (block === value) return
    if (typeof block === 'number') block = this.split(number, block)
    const before = block.values[position % blockSize]!
    block.values[position % blockSize] = value
    block.counts[before]!--
    if (++block.counts[value]! === block.values.length) this.unite(number, value)
  }

  /** Sets all of [`first`, `last`]. */
  fill([first, last]: Range, value: number): void {
    for (let position = first; position <= last; ) {
      const number = Math.floor(position / blockSize)
      const end = Math.min((number + 1) * blockSize, this.size)
      if (position % blockSize === 0 && end <= last + 1) {
        this.unite(number, value)
        position = end
      } else this.set(position++, value)
    }
  }

  /** The first position from `from` on that holds `value`; `size` where none does. */
  next(value: number, from: number): number {
    return this.seek(from, (found) => found === value)
  }

  /** Where in [`from`, `upTo`] there is one of `values`, as ascending ranges that do not touch. */
  *ranges(values: readonly number[], from = 0, upTo = this.size - 1): Generator<Range> {
    const isWanted = (value: number) => values.includes(value)
    const last = Math.min(upTo, this.size - 1)
    for (let first = this.seek(from, isWanted); first <= last; ) {
      const end = this.seek(first, (value) => !isWanted(value))
      yield [first, Math.min(end - 1, last)]
      first = this.seek(end, isWanted)
    }
  }

  /** Bytes it takes, about. */
  get bytes(): number {
    return this.blocks.length * 8 + this.mixed * (blockSize + 200)
  }

  private seek(from: number, isSought: (value: number) => boolean): number {
    for (let position = from; position < this.size; ) {
      const block = this.blocks[Math.floor(position / blockSize)]!
      const end = Math.min((Math.floor(position / blockSize) + 1) * blockSize, this.size)
      if (typeof block === 'number') {
        if (isSought(block)) return position
        position = end
      } else
        for (; position < end; position++) if (isSought(block.values[position % blockSize]!)) return position
    }
    return this.size
  }

  private unite(number: number, value: number): void {
    if (typeof this.blocks[number] === 'object') this.mixed--
    this.blocks[number] = value
  }

  private split(number: number, value: number): Mixed {
    const length = Math.min(blockSize, this.size - number * blockSize)
    const values = new Uint8Array(length).fill(value)
    const counts = new Uint16Array(16)
    counts[value] = length
    const block = { values, counts }
    this.blocks[number] = block
    this.mixed++
    return block
  }
}
