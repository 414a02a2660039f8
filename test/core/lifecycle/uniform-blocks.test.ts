import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UniformBlocks } from '../../../src/core/lifecycle/uniform-blocks.ts'
import { rangesOf } from '../../../src/core/model/index-set.ts'

/** Three blocks, the last of them short. */
const size = 2_500

const position = fc.oneof(fc.nat(size - 1), fc.constantFrom(0, 1_023, 1_024, 2_047, 2_048, size - 1))
const step = fc.record({ from: position, to: position, value: fc.nat(3) })

function positionsOf(
  values: readonly number[],
  wanted: readonly number[],
  from = 0,
  upTo = size - 1,
): number[] {
  const found: number[] = []
  for (let at = from; at <= upTo; at++) if (wanted.includes(values[at]!)) found.push(at)
  return found
}

describe('UniformBlocks', () => {
  it('agrees with a list', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), position, position, (steps, a, b) => {
        const blocks = new UniformBlocks(size)
        const list = new Array<number>(size).fill(0)
        for (const { from, to, value } of steps) {
          if (from <= to) blocks.fill([from, to], value)
          else for (const at of [from, to]) blocks.set(at, value)
          if (from <= to) list.fill(value, from, to + 1)
          else for (const at of [from, to]) list[at] = value
        }
        expect(Array.from(list, (_, at) => blocks.at(at))).toEqual(list)
        const [from, upTo] = [Math.min(a, b), Math.max(a, b)]
        for (const wanted of [[0], [1, 2], [3]]) {
          expect([...blocks.ranges(wanted)]).toEqual(rangesOf(positionsOf(list, wanted)))
          const within = positionsOf(list, wanted, from, upTo)
          expect([...blocks.ranges(wanted, from, upTo)]).toEqual(rangesOf(within))
        }
        expect(blocks.next(1, from)).toBe(positionsOf(list, [1], from)[0] ?? size)
      }),
      { numRuns: 50 },
    )
  })

  it('takes a few bytes for a million equal entries, whatever has become of them', () => {
    const blocks = new UniformBlocks(1_000_000)
    expect(blocks.bytes).toBeLessThan(10_000)
    for (let at = 0; at < 1_000_000; at++) blocks.set(at, 6)
    expect(blocks.bytes).toBeLessThan(10_000)
    blocks.set(500_000, 5)
    expect(blocks.bytes).toBeLessThan(12_000)
    blocks.set(500_000, 6)
    expect(blocks.bytes).toBeLessThan(10_000)
  })
})
