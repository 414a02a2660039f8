import { Easy } from '../../src/core/simulation/easy.ts'
import { processorsOf } from '../../src/core/simulation/machine.ts'
import { type Metrics, measure } from '../../src/core/simulation/metrics.ts'
import { baselines, longshoreOn } from '../../src/core/simulation/named-policies.ts'
import { type Scheduler, type Starts, simulate } from '../../src/core/simulation/simulate.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'
import { LastTwoOfUser } from './easy-plus-plus.ts'

export type Run = { policy: string; starts: Starts; metrics: Metrics }

/** Policies by the names that tables give them, on so many interchangeable processors. */
export const machinePolicies: Record<string, (processors: number) => Scheduler> = {
  FCFS: baselines.fifo,
  'first fit': baselines['first-fit'],
  EASY: baselines.easy,
  'EASY + SJBF': baselines['easy-sjbf'],
  'EASY++': (processors) => new Easy(processors, new LastTwoOfUser(), true),
  'EASY, exact run times': baselines['easy-exact'],
  'EASY + SJBF, exact': baselines['easy-sjbf-exact'],
  Longshore: (processors) => longshoreOn(processors, {}),
  'Longshore, fair share': (processors) => longshoreOn(processors, { fairsharePolicy: {} }),
}

/** Runs a log of rigid parallel jobs under each of some policies. */
export function runMachine(
  jobs: readonly TraceJob[],
  processors: number,
  policies: Record<string, (processors: number) => Scheduler> = machinePolicies,
): Run[] {
  return Object.entries(policies).map(([policy, make]) => {
    const starts = simulate(jobs, make(processors))
    const metrics = measure(jobs, starts, { capacity: processors, sizeOf: processorsOf })
    return { policy, starts, metrics }
  })
}
