import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MinHeap } from '../../../src/core/simulation/min-heap.ts'

test('gives the lowest key first, of equal keys the one added first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (keys) => {
      const heap = new MinHeap<number>()
      for (const [added, key] of keys.entries()) heap.add(key, added)
      const taken = keys.map(() => heap.take()!)
      const sorted = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b)
      expect(taken).toEqual(sorted)
      expect(heap.leastKey).toBe(Number.POSITIVE_INFINITY)
    }),
  )
})

test('keeps its order while things come and go', () => {
  const heap = new MinHeap<string>()
  heap.add(3, 'c')
  heap.add(1, 'a')
  expect(heap.take()).toBe('a')
  heap.add(2, 'b')
  expect([heap.leastKey, heap.take(), heap.take(), heap.take()]).toEqual([2, 'b', 'c', undefined])
})
