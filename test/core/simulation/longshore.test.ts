import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { machineOf } from '../../../src/core/simulation/machine.ts'
import { longshoreOn, oneQueue } from '../../../src/core/simulation/named-policies.ts'
import { simulate } from '../../../src/core/simulation/simulate.ts'
import type { QueuePolicy } from '../../../src/core/simulation/simulated-queue.ts'
import type { TraceJob } from '../../../src/core/simulation/trace-job.ts'
import { aTrace } from './trace-builders.ts'

const startsOf = (jobs: TraceJob[], policy: QueuePolicy = {}, processors = 4) =>
  simulate(jobs, longshoreOn(processors, policy)).map((start) => start! / 1000)
const strict: QueuePolicy = { schedulingSettings: { blockedHead: 'STRICT' } }
const fair: QueuePolicy = { fairsharePolicy: {} }

const traces = fc
  .array(
    fc.record({
      at: fc.nat(60),
      run: fc.integer({ min: 1, max: 40 }),
      longer: fc.nat(40),
      vcpus: fc.integer({ min: 1, max: 4 }),
      share: fc.constantFrom('a', 'b', 'c'),
      priority: fc.nat(2),
    }),
    { maxLength: 40 },
  )
  .map((jobs) =>
    aTrace(...jobs.sort((a, b) => a.at - b.at).map((job) => ({ ...job, bound: job.run + job.longer }))),
  )

describe('Longshore', () => {
  it('backfills round a blocked head without putting it off, unless it is strict', () => {
    const jobs = aTrace(
      { run: 10, vcpus: 2 },
      { at: 1, vcpus: 4 },
      { at: 2, run: 9, vcpus: 1 },
      { at: 2, run: 8, vcpus: 1 },
    )
    expect(startsOf(jobs)).toEqual([0, 10, 20, 2])
    expect(startsOf(jobs, strict)).toEqual([0, 10, 20, 20])
  })

  it('goes by priority, then by age', () => {
    const jobs = aTrace({ vcpus: 4 }, { at: 1, vcpus: 4 }, { at: 2, vcpus: 4, priority: 1 })
    expect(startsOf(jobs)).toEqual([0, 20, 10])
  })

  it('gives shares their turns where there is fair share', () => {
    const jobs = aTrace(...['a', 'a', 'a', 'b'].map((share) => ({ vcpus: 2, share })))
    expect(startsOf(jobs, fair)).toEqual([0, 10, 10, 0])
    expect(startsOf(jobs)).toEqual([0, 0, 10, 10])
  })

  it('starts a gang on several hosts at once or not at all', () => {
    const node = { resources: { cpuMilli: 2000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 } }
    const [small, gang] = aTrace({ vcpus: 1 }, { at: 1 }) as [TraceJob, TraceJob]
    const jobs = [small, { ...gang, demands: [node, node] }]
    const hosts = ['a', 'b'].map((id) => ({ ...machineOf(2), id }))
    expect(simulate(jobs, oneQueue(hosts))).toEqual([0, 10_000])
  })

  it('starts every job in time, and never more at once than there are processors', () => {
    fc.assert(
      fc.property(traces, fc.constantFrom({}, strict, fair), (jobs, policy) => {
        const starts = startsOf(jobs, policy)
        for (const [id, start] of starts.entries()) {
          expect(start * 1000).toBeGreaterThanOrEqual(jobs[id]!.submitAt)
          const together = jobs.filter(
            (job) => starts[job.id]! <= start && start * 1000 < starts[job.id]! * 1000 + job.runMs,
          )
          const used = together.reduce((sum, { demands }) => sum + demands[0]!.resources.cpuMilli, 0)
          expect(used).toBeLessThanOrEqual(4000)
        }
      }),
    )
  })

  it('starts the first that waits no later for those that it lets by, when bounds are kept', () => {
    fc.assert(
      fc.property(traces, (jobs) => {
        const bounded = jobs.map((job) => ({ ...job, runMs: job.boundMs, priority: 0 }))
        const inOrder = startsOf(bounded, strict)
        const first = bounded.findIndex(({ id, submitAt }) => inOrder[id]! * 1000 > submitAt)
        if (first >= 0) expect(startsOf(bounded)[first]).toBeLessThanOrEqual(inOrder[first]!)
      }),
    )
  })

  it('ends every job in time where shares reclaim from each other, and never runs more than fits', () => {
    fc.assert(
      fc.property(traces, (jobs) => {
        const policy: QueuePolicy = { schedulingSettings: { preemption: ['SHARES'] }, fairsharePolicy: {} }
        const ends = new Map<TraceJob, number>()
        let used = 0
        const inner = longshoreOn(4, policy)
        const vcpus = ({ demands }: TraceJob) => demands[0]!.resources.cpuMilli / 1000
        simulate(jobs, {
          submit: (job, now) => inner.submit(job, now),
          end: (job, now, isPreempted) => {
            used -= vcpus(job)
            if (!isPreempted) ends.set(job, now)
            inner.end(job, now, isPreempted)
          },
          pass: (now) => {
            const started = inner.pass(now)
            for (const job of started) used += vcpus(job)
            expect(used).toBeLessThanOrEqual(4)
            return started
          },
          takePreempted: () => inner.takePreempted!(),
        })
        expect(ends.size).toBe(jobs.length)
      }),
    )
  })

  it('does the same to equal jobs, in whatever order they come', () => {
    fc.assert(
      fc.property(traces, (jobs) => {
        const same = jobs.map((job) => ({
          ...job,
          submitAt: 0,
          runMs: 10_000,
          boundMs: 20_000,
          demands: jobs[0]!.demands,
        }))
        const renamed = same.toReversed().map((job, id) => ({ ...job, id }))
        const sorted = (all: TraceJob[]) => startsOf(all).sort((a, b) => a - b)
        expect(sorted(renamed)).toEqual(sorted(same))
      }),
    )
  })
})
