import type { PoolHost } from '../scheduling/demand.ts'
import type { TraceJob } from './trace-job.ts'

/** So many interchangeable processors as one host of as many vCPUs: how the logs of parallel machines are to be read. */
export function machineOf(processors: number): PoolHost {
  const capacity = { cpuMilli: processors * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }
  return { id: 'machine', capacity, cards: 0, architecture: 'X86_64', labels: {} }
}

/** The job as such a machine sees it: its vCPUs, and nothing else that could be short. */
export function onProcessors(job: TraceJob): TraceJob {
  const demands = job.demands.map(({ resources: { cpuMilli } }) => ({
    resources: { cpuMilli, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 },
  }))
  return { ...job, demands }
}

/** The vCPUs that a job takes, all of its nodes together. */
export function processorsOf(job: TraceJob): number {
  return job.demands.reduce((sum, { resources }) => sum + resources.cpuMilli, 0) / 1000
}
