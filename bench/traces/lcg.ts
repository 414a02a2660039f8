import { type Fairness, measureFairness } from '../../src/core/simulation/fairness.ts'
import { processorsOf } from '../../src/core/simulation/machine.ts'
import { longshoreOn } from '../../src/core/simulation/named-policies.ts'
import type { Scheduler } from '../../src/core/simulation/simulate.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'
import { LeastRunning } from './least-running.ts'
import { machinePolicies, type Run, runMachine } from './parallel-machine.ts'

export const lcgProcessors = 1300

/** Windows that AWS has for a policy's decay, seconds: its default, and up to its longest. */
export const decaySeconds = [600, 3600, 86_400, 604_800]

export const lcgPolicies: Record<string, (processors: number) => Scheduler> = {
  FCFS: machinePolicies.FCFS!,
  EASY: machinePolicies.EASY!,
  'least running first': (processors) => new LeastRunning(processors),
  Longshore: machinePolicies.Longshore!,
  ...Object.fromEntries(
    decaySeconds.map((shareDecaySeconds) => [
      `Longshore, fair share, decay ${shareDecaySeconds} s`,
      (processors: number) => longshoreOn(processors, { fairsharePolicy: { shareDecaySeconds } }),
    ]),
  ),
}

/** `whole`: of the log as one window. `by`: for each of `decaySeconds`. */
export type LcgRun = Run & { fairness: { whole: number; moments: number; by: Fairness[] } }

/** One-processor jobs of groups, each with the same weight. */
export function runLcg(jobs: readonly TraceJob[], policies = lcgPolicies): LcgRun[] {
  return runMachine(jobs, lcgProcessors, policies).map((run) => {
    const over = (windowMs: number) =>
      measureFairness(jobs, run.starts, { capacity: lcgProcessors, sizeOf: processorsOf, windowMs })
    const all = over(Number.POSITIVE_INFINITY)
    const by = decaySeconds.map((window) => over(window * 1000))
    return { ...run, fairness: { whole: all.overWindows!, moments: all.misallocation!, by } }
  })
}
