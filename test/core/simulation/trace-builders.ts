import type { TraceJob } from '../../../src/core/simulation/trace-job.ts'

/** A trace of jobs, in order, with the seconds and vCPUs that matter to a test. */
export function aTrace(
  ...jobs: { at?: number; run?: number; bound?: number; vcpus?: number; share?: string; priority?: number }[]
): TraceJob[] {
  return jobs.map(({ at = 0, run = 10, bound = run, vcpus = 1, share = '', priority = 0 }, id) => ({
    id,
    submitAt: at * 1000,
    runMs: run * 1000,
    boundMs: bound * 1000,
    demands: [{ resources: { cpuMilli: vcpus * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 } }],
    share,
    kind: share,
    priority,
  }))
}
