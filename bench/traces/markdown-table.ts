import type { Spread } from '../../src/core/simulation/metrics.ts'
import type { Run } from './parallel-machine.ts'

/** A Markdown table; all but the first column are numbers. */
export function markdownTable(headings: string[], rows: (string | number)[][]): string {
  const cells = [headings, headings.map((_, at) => (at === 0 ? '---' : '---:')), ...rows]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** What a user feels of each run. Seconds. */
export function runTable(runs: readonly Run[]): string {
  const headings = [
    'policy',
    'wait mean',
    'p50',
    'p95',
    'p99',
    'max',
    'flow mean',
    'slowdown mean',
    'max',
    'utilisation',
  ]
  const rows = runs.map(({ policy, metrics }) => [
    policy,
    ...waits(metrics.waitMs),
    seconds(metrics.flowMs.mean),
    metrics.boundedSlowdown.mean.toFixed(2),
    whole(metrics.boundedSlowdown.max),
    `${(100 * metrics.utilisation).toFixed(1)} %`,
  ])
  return markdownTable(headings, rows)
}

export function seconds(ms: number): string {
  return whole(ms / 1000)
}

function waits({ mean, p50, p95, p99, max }: Spread): string[] {
  return [mean, p50, p95, p99, max].map(seconds)
}

function whole(value: number): string {
  return value < 100 ? Number(value.toPrecision(3)).toString() : Math.round(value).toLocaleString('en-US')
}
