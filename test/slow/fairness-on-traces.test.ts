import { describe, expect, it } from 'vitest'
import { lcgPolicies, lcgProcessors } from '../../bench/traces/lcg.ts'
import { runMachine } from '../../bench/traces/parallel-machine.ts'
import { publishedLcg } from '../../bench/traces/published.ts'
import { defaultTraceFolder, hasTrace, readSwf } from '../../bench/traces/trace-files.ts'
import { measureFairness } from '../../src/core/simulation/fairness.ts'
import { processorsOf } from '../../src/core/simulation/machine.ts'

const windowMs = Number.POSITIVE_INFINITY
const measured = { ...publishedLcg, 'Longshore, fair share, decay 600 s': 0.05 }

describe.skipIf(!hasTrace(defaultTraceFolder, 'lcg'))('the log of LCG (skipped without the traces)', () => {
  it.each(Object.entries(measured))('is shared by %s with a misallocation of %s', (policy, misallocation) => {
    const jobs = readSwf(defaultTraceFolder, 'lcg', 'group')
    const [run] = runMachine(jobs, lcgProcessors, { [policy]: lcgPolicies[policy]! })
    const options = { capacity: lcgProcessors, sizeOf: processorsOf, windowMs }
    expect(measureFairness(jobs, run!.starts, options).overWindows).toBeCloseTo(misallocation, 2)
  })
})
