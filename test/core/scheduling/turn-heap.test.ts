import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { noPlace, type Turn, TurnHeap } from '../../../src/core/scheduling/turn-heap.ts'

const key = fc.nat(5)
const step = fc.oneof(
  fc.record({ at: fc.nat(15), key, since: fc.nat(5) }),
  fc.record({ at: fc.nat(15), remove: fc.constant(true) }),
)

function before(a: Turn, b: Turn): number {
  return a.key - b.key || a.since - b.since
}

it('has whose turn it is first, whatever comes, goes and changes', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const heap = new TurnHeap()
      const items = Array.from({ length: 16 }, (_, i): Turn => ({ key: i, since: i, place: noPlace }))
      const inside = new Set<Turn>()
      for (const step of steps) {
        const item = items[step.at]!
        if ('remove' in step) {
          heap.remove(item)
          inside.delete(item)
        } else {
          Object.assign(item, { key: step.key, since: step.since })
          heap.put(item)
          inside.add(item)
        }
        const first = [...inside].sort(before)[0]
        expect(heap.first && before(heap.first, first!)).toBe(first && 0)
        for (const one of items) expect(one.place === noPlace).toBe(!inside.has(one))
      }
    }),
  )
})
