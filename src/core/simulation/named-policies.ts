import { Easy } from './easy.ts'
import { FirstCome } from './first-come.ts'
import { Longshore, type QueuePolicy } from './longshore.ts'
import { machineOf } from './machine.ts'
import { exactRunTimes, userEstimates } from './run-time-sources.ts'
import type { Scheduler } from './simulate.ts'

/** What Longshore may be compared with, on a number of interchangeable processors. */
export const baselines = {
  fifo: (processors: number): Scheduler => new FirstCome(processors, true),
  'first-fit': (processors: number): Scheduler => new FirstCome(processors, false),
  easy: (processors: number): Scheduler => new Easy(processors, userEstimates),
  'easy-sjbf': (processors: number): Scheduler => new Easy(processors, userEstimates, true),
  'easy-exact': (processors: number): Scheduler => new Easy(processors, exactRunTimes),
  'easy-sjbf-exact': (processors: number): Scheduler => new Easy(processors, exactRunTimes, true),
}

export type BaselineName = keyof typeof baselines

export const baselineNames = Object.keys(baselines) as BaselineName[]

/** Longshore on the same processors. */
export function longshoreOn(processors: number, policy: QueuePolicy): Scheduler {
  return new Longshore([machineOf(processors)], policy)
}
