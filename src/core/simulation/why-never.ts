import { couldEverHold } from '../scheduling/grant-choice.ts'
import { describeLack } from '../scheduling/lack.ts'
import { noUse, useOf } from '../scheduling/share-usage.ts'
import { limitBroken } from '../scheduling/usage-limits.ts'
import type { PresentState } from './changed-state.ts'
import type { PresentEnvironment, PresentQueue, Work } from './present-state.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { resourcesOf } from './trace-job.ts'

/** Why a job does not start, however long it waits, in words. */
export function whyNever({ environments }: PresentState, queue: PresentQueue, work: Work): string {
  if (work.never !== undefined) return work.never
  const own = environments.filter(({ number }) => queue.environments.includes(number))
  if (own.every(({ disabled }) => disabled)) return 'every compute environment of the job queue is disabled'
  const usable = own.filter(({ disabled, hosts }) => !disabled && hosts.some(({ open }) => open))
  if (usable.length === 0) return 'no host is connected'
  const lacks = usable.map((environment) => lackIn(environment, work))
  const lack = lacks.find((text) => text !== undefined)
  if (lack !== undefined && lacks.every((text) => text !== undefined)) return lack
  const { limits } = queue.schedulingSettings ?? {}
  const broken = limitBroken('the job queue', limits, { use: noUse, attempts: 0 }, useOf(resourcesOf(work)))
  return broken ?? 'it waits for room or for a limit that nothing makes free'
}

/** What the hosts of an environment, were they empty, lack for it; undefined where they could hold it. */
function lackIn({ hosts }: PresentEnvironment, { demands }: Work): string | undefined {
  const open = hosts.filter((host) => host.open)
  const { occupancy } = new SimulatedEnvironment(open)
  const attempts = demands.map((demand, node) => ({ id: `${node}`, demand, boundMs: 0 }))
  if (couldEverHold({ attempts }, occupancy)) return undefined
  const lacks = occupancy.pool.lacksWhenEmpty(demands)
  return lacks.length > 0
    ? `no connected host can hold it: ${lacks.map(describeLack).join('; ')}`
    : `the connected hosts together cannot hold its ${demands.length} nodes at once`
}
