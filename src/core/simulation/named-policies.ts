import type { PoolHost } from '../scheduling/demand.ts'
import { Easy } from './easy.ts'
import { FirstCome } from './first-come.ts'
import { Longshore } from './longshore.ts'
import { machineOf } from './machine.ts'
import { exactRunTimes, userEstimates } from './run-time-sources.ts'
import type { Scheduler } from './simulate.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { type QueuePolicy, SimulatedQueue } from './simulated-queue.ts'

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
  return oneQueue([machineOf(processors)], policy)
}

/** Longshore with one queue and one environment of these hosts. */
export function oneQueue(hosts: readonly PoolHost[], policy: QueuePolicy = {}): Scheduler {
  const environment = new SimulatedEnvironment(hosts.map((host) => ({ host, open: true })))
  const queue = new SimulatedQueue([environment], policy)
  return new Longshore([queue], () => queue)
}
