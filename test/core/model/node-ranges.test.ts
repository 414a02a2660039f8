import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { narrowestRange, parseNodeRange } from '../../../src/core/model/node-ranges.ts'

describe('parseNodeRange', () => {
  it.each<[string, number, [number, number] | undefined]>([
    ['0:', 3, [0, 2]],
    [':1', 3, [0, 1]],
    ['1:2', 3, [1, 2]],
    ['2', 3, [2, 2]],
    ['0:0', 3, [0, 0]],
    ['0:10', 3, [0, 2]],
    ['3:', 3, undefined],
    ['2:1', 3, undefined],
    [':', 3, undefined],
    ['', 3, undefined],
    ['-1:2', 3, undefined],
    ['0:1:2', 3, undefined],
  ])('reads %j of %i nodes', (text, count, range) => {
    expect(parseNodeRange(text, count)).toEqual(range && { from: range[0], to: range[1] })
  })
})

describe('narrowestRange', () => {
  it('lets a range inside another one override it', () => {
    const ranges = [{ from: 0, to: 10 }, { from: 4, to: 5 }, undefined]
    expect([3, 4, 5, 6, 11].map((node) => narrowestRange(ranges, node))).toEqual([0, 1, 1, 0, -1])
  })

  it('finds a range that holds the node, and none narrower does', () => {
    const range = fc
      .tuple(fc.nat(20), fc.nat(20))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))
    fc.assert(
      fc.property(fc.array(range, { maxLength: 5 }), fc.nat(20), (ranges, node) => {
        const holding = ranges.filter(({ from, to }) => from <= node && node <= to)
        const found = ranges[narrowestRange(ranges, node)]
        if (found) expect(holding).toContain(found)
        else expect(holding).toEqual([])
        for (const other of found ? holding : [])
          expect(other.to - other.from).toBeGreaterThanOrEqual(found!.to - found!.from)
      }),
    )
  })
})
