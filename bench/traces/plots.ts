import type { TraceJob } from '../../src/core/simulation/trace-job.ts'
import { decaySeconds, type LcgRun } from './lcg.ts'
import type { Run } from './parallel-machine.ts'
import { type Plot, type Series, svgPlot } from './svg-plot.ts'

const hourMs = 3_600_000
/** At most so many points a line. */
const points = 240

/** Which part of the jobs waited longer than so long. */
export function waitPlot(title: string, jobs: readonly TraceJob[], runs: readonly Run[]): string {
  const series = runs.map(({ policy, starts }): Series => {
    const waits = jobs.map(
      ({ id, submitAt }) => ((starts[id] ?? Number.POSITIVE_INFINITY) - submitAt) / hourMs,
    )
    waits.sort((a, b) => b - a)
    return { name: policy, points: thinned(waits.map((wait, at) => [wait, (at + 1) / waits.length])) }
  })
  const x = {
    label: 'hours waited (logarithmic)',
    least: 0.01,
    most: 400,
    log: true,
    ticks: decades([0.01, 0.1, 1, 10, 100]),
  }
  const y = { label: 'part of jobs that waited longer', least: 0, most: 0.6, ticks: tenths(6) }
  return svgPlot({ title, x, y, series })
}

/** Misallocation in each window of a length, over time. */
export function fairnessPlot(title: string, runs: readonly LcgRun[], windowSeconds: number): string {
  const series = runs.map(({ policy, fairness }): Series => {
    const { windows } = fairness.by[decaySeconds.indexOf(windowSeconds)]!
    const known = windows.flatMap((value, at): [number, number][] =>
      value === undefined ? [] : [[(at * windowSeconds) / 86_400, value]],
    )
    return { name: policy, points: thinned(known) }
  })
  const last = Math.max(...series.flatMap((one) => one.points.map(([day]) => day)))
  const days = Array.from({ length: Math.floor(last / 2) + 1 }, (_, at) => ({
    at: 2 * at,
    text: `${2 * at}`,
  }))
  const x: Plot['x'] = { label: 'day', least: 0, most: last, ticks: days }
  return svgPlot({ title, x, y: { label: 'misallocation', least: 0, most: 1, ticks: tenths(10) }, series })
}

/** Evenly chosen, the last always among them. */
function thinned(all: [number, number][]): [number, number][] {
  const step = Math.max(1, Math.floor(all.length / points))
  return all.filter((_, at) => at % step === 0 || at === all.length - 1)
}

function decades(values: number[]): { at: number; text: string }[] {
  return values.map((at) => ({ at, text: String(at) }))
}

function tenths(most: number): { at: number; text: string }[] {
  return Array.from({ length: most + 1 }, (_, at) => ({ at: at / 10, text: String(at / 10) }))
}
