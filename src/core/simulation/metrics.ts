import type { Starts } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'

export type Spread = { mean: number; p50: number; p95: number; p99: number; max: number }

/** How a trace fared. Times in ms. Jobs that never started count only as such. */
export type Metrics = {
  jobs: number
  neverStarted: number
  /** From submission to start, and to end. */
  waitMs: Spread
  flowMs: Spread
  /** Flow over run time, where a run time of less than 10 s counts as 10 s; at least 1. */
  boundedSlowdown: Spread
  /** Work done over what the machine could have done from the first submission to the last end. */
  utilisation: number
  makespanMs: number
}

const shortestRunMs = 10_000

/** `sizeOf`: what a job takes of the capacity, in its unit. */
export function measure(
  jobs: readonly TraceJob[],
  starts: Starts,
  { capacity, sizeOf }: { capacity: number; sizeOf: (job: TraceJob) => number },
): Metrics {
  const ran = jobs.filter(({ id }) => starts[id] !== undefined)
  const waits = ran.map((job) => starts[job.id]! - job.submitAt)
  const flows = ran.map((job, at) => waits[at]! + job.runMs)
  const slowdowns = ran.map((job, at) => Math.max(1, flows[at]! / Math.max(shortestRunMs, job.runMs)))
  const lastEnd = ran.reduce((latest, job, at) => Math.max(latest, job.submitAt + flows[at]!), 0)
  const makespanMs = lastEnd - (jobs[0]?.submitAt ?? 0)
  const work = ran.reduce((sum, job) => sum + sizeOf(job) * job.runMs, 0)
  return {
    jobs: jobs.length,
    neverStarted: jobs.length - ran.length,
    waitMs: spreadOf(waits),
    flowMs: spreadOf(flows),
    boundedSlowdown: spreadOf(slowdowns),
    utilisation: makespanMs > 0 ? work / (capacity * makespanMs) : 0,
    makespanMs,
  }
}

/** Quantiles by nearest rank: the smallest value that at least that share of the values does not exceed. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  const mean = sorted.length > 0 ? sorted.reduce((sum, value) => sum + value, 0) / sorted.length : 0
  return { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
