import type { SchedulingLimits } from '../model/scheduling-policy.ts'
import type { Use } from './share-usage.ts'

/**
 * Which limit one more attempt would break, in words, or undefined. `holder`: whose limit it is, such as `share a`.
 * `attempts` and `use`: what its attempts in STARTING and RUNNING hold already.
 */
export function limitBroken(
  holder: string,
  limits: SchedulingLimits | undefined,
  { use, attempts }: { use: Use; attempts: number },
  more: Use,
): string | undefined {
  if (!limits) return undefined
  const { runningJobs, vcpus, gpus } = limits
  if (runningJobs !== undefined && attempts + 1 > runningJobs)
    return `${holder} may run ${runningJobs} at once and runs ${attempts}`
  const over = (held: number, wanted: number, most: number | undefined) =>
    most !== undefined && held + wanted > most * 1000
  if (over(use.cpuMilli, more.cpuMilli, vcpus))
    return `${holder} may use ${vcpus} vCPU and uses ${use.cpuMilli / 1000}; ${more.cpuMilli / 1000} more are wanted`
  if (over(use.gpuMilli, more.gpuMilli, gpus))
    return `${holder} may use ${gpus} GPU and uses ${use.gpuMilli / 1000}; ${more.gpuMilli / 1000} more are wanted`
  return undefined
}
