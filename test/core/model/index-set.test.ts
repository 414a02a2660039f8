import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countOf,
  IndexSet,
  intersection,
  numbersIn,
  type Range,
  rangesOf,
  unitedRanges,
} from '../../../src/core/model/index-set.ts'

const size = 400
const indexes = fc
  .uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: 120 })
  .map((all) => all.sort((a, b) => a - b))

function parsed(text: string, of = size): IndexSet {
  const outcome = IndexSet.parse(text, of)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

describe('IndexSet', () => {
  it('maps positions to indexes and back, through its text and its packed form', () => {
    fc.assert(
      fc.property(indexes, (list) => {
        const set = new IndexSet(rangesOf(list))
        const copies = [set, parsed(set.text()), IndexSet.unpack(set.pack()), parsed(list.join(','))]
        for (const copy of copies) {
          expect(copy.count).toBe(list.length)
          expect(list.map((_, position) => copy.indexAt(position))).toEqual(list)
          for (let index = 0; index < size; index++)
            expect(copy.positionOf(index)).toBe(list.includes(index) ? list.indexOf(index) : undefined)
          expect(copy.digest()).toBe(set.digest())
        }
      }),
      { numRuns: 50 },
    )
  })

  it('tells other sets apart by their digests', () => {
    fc.assert(
      fc.property(indexes, indexes, (one, other) => {
        const digest = (list: number[]) => new IndexSet(rangesOf(list)).digest()
        expect(digest(one) === digest(other)).toBe(`${one}` === `${other}`)
      }),
    )
  })

  it('takes ranges and single indexes in any order', () => {
    const set = parsed(' 20 - 30, 15,0-9')
    expect(set.text()).toBe('0-9,15,20-30')
    const some = set.at([
      [0, 0],
      [10, 12],
    ])
    expect(some.text()).toBe('0,15,20-21')
    expect(parsed('3-4,0-2', 5).isDense(5)).toBe(true)
  })

  it.each([
    ['', "'' is neither an index nor a range such as 0-9"],
    ['1,x', "'x' is neither"],
    ['-1', "'-1' is neither"],
    ['1-2-3', "'1-2-3' is neither"],
    ['9-3', "'9-3' ends before it begins"],
    ['0-9,400', 'index 400 is not below the array’s size'.replace('’', "'")],
    ['0-9,5', 'index 5 is listed twice'],
    ['7,7', 'index 7 is listed twice'],
  ])('refuses %j', (text, message) => {
    expect(IndexSet.parse(text, size)).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining(message) },
    })
  })

  it('names the indexes at any positions', () => {
    fc.assert(
      fc.property(indexes, fc.array(fc.nat(size)), (list, chosen) => {
        const set = new IndexSet(rangesOf(list))
        const positions = [...list.keys()].filter((position) => chosen.includes(position))
        expect([...numbersIn(set.at(rangesOf(positions)).ranges)]).toEqual(positions.map((at) => list[at]))
      }),
    )
  })

  it('packs half a million lone indexes into a megabyte', () => {
    const lone = new IndexSet(rangesOf(Array.from({ length: 500_000 }, (_, i) => 2 * i)))
    expect(lone.pack().length).toBeLessThanOrEqual(1_000_000)
    expect(IndexSet.unpack(lone.pack()).count).toBe(500_000)
  })

  it('cuts ranges at an end', () => {
    expect([
      ...numbersIn(
        [
          [0, 2],
          [5, 16_777_214],
        ],
        7,
      ),
    ]).toEqual([0, 1, 2, 5, 6])
  })
})

describe('ranges', () => {
  const numbers = fc.uniqueArray(fc.nat(40), { maxLength: 40 }).map((list) => list.sort((a, b) => a - b))

  it('have in common what is in both', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect([...numbersIn(intersection(rangesOf(a), rangesOf(b)))]).toEqual(a.filter((n) => b.includes(n)))
        expect(countOf(rangesOf(a))).toBe(a.length)
      }),
    )
  })

  it('are united whatever their order', () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.nat(10)), (list, cuts) => {
        const parts = cuts.reduce<Range[]>(
          (ranges, at) => [...ranges.slice(at), ...ranges.slice(0, at)],
          list.map((n): Range => [n, n]),
        )
        expect(unitedRanges(parts)).toEqual(rangesOf(list))
      }),
    )
  })
})
