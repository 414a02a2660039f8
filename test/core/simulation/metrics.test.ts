import { expect, test } from 'vitest'
import { processorsOf } from '../../../src/core/simulation/machine.ts'
import { measure } from '../../../src/core/simulation/metrics.ts'
import { aTrace } from './trace-builders.ts'

const two = { capacity: 2, sizeOf: processorsOf }

test('measures waits, flows, bounded slowdown, utilisation and makespan of what started', () => {
  const jobs = aTrace({ run: 20 }, { run: 5, vcpus: 2 }, { run: 1 })
  expect(measure(jobs, [0, 20_000, undefined], two)).toEqual({
    jobs: 3,
    neverStarted: 1,
    waitMs: { mean: 10_000, p50: 0, p95: 20_000, p99: 20_000, max: 20_000 },
    flowMs: { mean: 22_500, p50: 20_000, p95: 25_000, p99: 25_000, max: 25_000 },
    boundedSlowdown: { mean: 1.75, p50: 1, p95: 2.5, p99: 2.5, max: 2.5 },
    utilisation: 0.6,
    makespanMs: 25_000,
  })
})

test('counts a run time below ten seconds as ten', () => {
  const { boundedSlowdown } = measure(aTrace({ run: 1 }), [9000], two)
  expect(boundedSlowdown.max).toBe(1)
})

test('measures nothing without failing', () => {
  expect(measure([], [], two)).toMatchObject({ jobs: 0, utilisation: 0, waitMs: { mean: 0, max: 0 } })
})
