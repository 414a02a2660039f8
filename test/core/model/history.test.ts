import { describe, expect, it } from 'vitest'
import { historyMs } from '../../../src/core/model/history.ts'

describe('historyMs', () => {
  it('is fourteen days unless it is set', () => {
    expect(historyMs()).toBe(14 * 86_400_000)
    expect(historyMs('1')).toBe(86_400_000)
    expect(historyMs('7.5')).toBe(7.5 * 86_400_000)
  })

  it.each(['', '0', '0.5', '-1', 'soon', '1e3', ' 7'])('refuses %j', (days) => {
    expect(() => historyMs(days)).toThrow('HISTORY_DAYS must be a number of days from 1')
  })
})
