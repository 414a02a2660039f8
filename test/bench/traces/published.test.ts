import { describe, expect, it } from 'vitest'
import { machinePolicies, runMachine } from '../../../bench/traces/parallel-machine.ts'
import { publishedKth } from '../../../bench/traces/published.ts'
import { defaultTraceFolder, hasTrace, readSwf } from '../../../bench/traces/trace-files.ts'

const exact = ['FCFS', 'first fit', 'EASY, exact run times', 'EASY + SJBF, exact']
const only = (names: string[], policies: typeof machinePolicies) =>
  Object.fromEntries(names.map((name) => [name, policies[name]!]))

describe.skipIf(!hasTrace(defaultTraceFolder, 'kth'))(
  'the simulator, on the log of KTH (skipped without the traces)',
  () => {
    it.each(exact)('gives the published averages of %s', (policy) => {
      const [run] = runMachine(readSwf(defaultTraceFolder, 'kth'), 100, only([policy], machinePolicies))
      const { flowMs, boundedSlowdown } = run!.metrics
      const { flow, slowdown, most } = publishedKth[policy]!
      expect(Math.round(flowMs.mean / 1000)).toBe(flow)
      expect(Math.abs(boundedSlowdown.mean - slowdown)).toBeLessThan(0.05)
      if (most !== undefined) expect(Math.round(boundedSlowdown.max)).toBe(most)
    })

    it.each(['EASY', 'EASY + SJBF'])('comes within two thousandths of those of %s', (policy) => {
      const [run] = runMachine(readSwf(defaultTraceFolder, 'kth'), 100, only([policy], machinePolicies))
      const { flowMs, boundedSlowdown } = run!.metrics
      const { flow, slowdown, most } = publishedKth[policy]!
      expect(Math.abs(flowMs.mean / 1000 / flow - 1)).toBeLessThan(0.002)
      expect(Math.abs(boundedSlowdown.mean / slowdown - 1)).toBeLessThan(0.002)
      expect(Math.round(boundedSlowdown.max)).toBe(most)
    })
  },
)
