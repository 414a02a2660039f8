import { describe, expect, it } from 'vitest'
import { seeds } from './seeds.ts'
import { simulate } from './simulation.ts'

describe('simulation', () => {
  it.each(seeds)(
    'brings 1,000 jobs to the end through faults, seed %i',
    async (seed) => {
      const result = await simulate(seed)
      expect(result.jobs).toBe(1_000)
      expect(result.preempted > 0).toBe(seed % 4 === 0 || seed % 16 === 7)
      if (seed % 4 === 0) expect(result.preemptedGangs).toBeGreaterThan(0)
    },
    60_000,
  )
})
