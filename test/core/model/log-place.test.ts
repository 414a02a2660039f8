import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  comparePlaces,
  type LogOrder,
  type LogPlace,
  logEventId,
  placeBefore,
} from '../../../src/core/model/log-place.ts'

const places = fc.record({
  timestamp: fc.integer({ min: 0, max: 5 }),
  stream: fc.constantFrom('a', 'b', '\ud83d\ude00'),
  number: fc.integer({ min: 0, max: 5 }),
})
const orders = fc.constantFrom<LogOrder[]>('oldest-first', 'newest-first')

describe('comparePlaces', () => {
  it('orders by time, then stream, then number, either way round', () => {
    const places: LogPlace[] = [
      { timestamp: 1, stream: 'b', number: 0 },
      { timestamp: 2, stream: 'a', number: 9 },
      { timestamp: 2, stream: 'b', number: 2 },
      { timestamp: 2, stream: 'b', number: 10 },
    ]
    const shuffled = [places[2]!, places[0]!, places[3]!, places[1]!]
    expect(shuffled.toSorted((a, b) => comparePlaces('oldest-first', a, b))).toEqual(places)
    expect(shuffled.toSorted((a, b) => comparePlaces('newest-first', a, b))).toEqual(places.toReversed())
  })
})

describe('placeBefore', () => {
  it('parts what was read before an edge from what was read at it', () => {
    const property = fc.property(places, orders, fc.integer({ min: 0, max: 5 }), (place, order, edge) => {
      const isBefore = order === 'oldest-first' ? place.timestamp < edge : place.timestamp > edge
      expect(comparePlaces(order, place, placeBefore(order, edge)) < 0).toBe(isBefore)
    })
    fc.assert(property)
  })
})

describe('logEventId', () => {
  it('is 56 digits that name the event for ever', () => {
    const id = logEventId('/aws/batch/job', {
      timestamp: 1_700_000_000_000,
      stream: 's/default/1',
      number: 7,
    })
    expect(id).toBe('00000001700000000000008940282493309475000000000000000007')
  })

  it('differs where the place does', () => {
    const property = fc.property(places, places, (a, b) => {
      const isSame = comparePlaces('oldest-first', a, b) === 0
      expect(logEventId('g', a) === logEventId('g', b)).toBe(isSame)
    })
    fc.assert(property)
  })
})
