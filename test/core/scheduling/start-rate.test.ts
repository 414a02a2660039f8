import { expect, test } from 'vitest'
import { StartRate } from '../../../src/core/scheduling/start-rate.ts'

test('counts the starts of the last ten minutes', () => {
  const rate = new StartRate()
  rate.note(3, 0)
  rate.note(2, 300_000)
  expect(rate.recent(300_000)).toEqual({ count: 5, minutes: 10 })
  expect(rate.recent(600_000)).toEqual({ count: 2, minutes: 10 })
  rate.note(1, 3_600_000)
  expect(rate.recent(3_600_000)).toEqual({ count: 1, minutes: 10 })
})
