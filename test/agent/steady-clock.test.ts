import { describe, expect, it } from 'vitest'
import { steadyClock } from '../../src/agent/steady-clock.ts'

describe('steadyClock', () => {
  it('follows the wall clock forward and goes on at the pace of the machine when that is set back', () => {
    let wall = 1_000_000
    let elapsed = 0
    const clock = steadyClock(
      () => wall,
      () => elapsed,
    )
    expect(clock.now()).toBe(1_000_000)
    wall += 60_000
    elapsed += 10
    expect(clock.now()).toBe(1_060_000)
    wall -= 3_600_000
    elapsed += 5000.5
    expect(clock.now()).toBe(1_065_000)
    elapsed += 0.5
    expect(clock.now()).toBe(1_065_001)
  })
})
