import type { Metrics } from '../core/simulation/metrics.ts'

/** One policy on the trace. `misallocation`: see `measureFairness`; absent where there is one share or always enough. */
export type ReplayRow = { policy: string; metrics: Metrics; misallocation?: number }

const headings = [
  'policy',
  'wait mean',
  'p50',
  'p95',
  'p99',
  'max',
  'slowdown',
  'its max',
  'utilisation',
  'misallocation',
]

/** The comparison as a table. */
export function replayText(replay: {
  file: string
  jobs: number
  leftOut: number
  processors: number
  rows: ReplayRow[]
}): string {
  const { file, jobs, leftOut, processors, rows } = replay
  const left = leftOut > 0 ? `; ${leftOut} left out` : ''
  const table = columns([headings, ...rows.map(cellsOf)])
  return `${file}: ${jobs} jobs on ${processors} processors${left}\n\n${table}\n\nWaits are seconds; slowdown is bounded at 10 s.\n`
}

function cellsOf({ policy, metrics, misallocation }: ReplayRow): string[] {
  const { waitMs, boundedSlowdown, utilisation } = metrics
  const waits = [waitMs.mean, waitMs.p50, waitMs.p95, waitMs.p99, waitMs.max].map((ms) =>
    Math.round(ms / 1000).toLocaleString('en-US'),
  )
  const slowdowns = [boundedSlowdown.mean.toFixed(2), Math.round(boundedSlowdown.max).toLocaleString('en-US')]
  return [
    policy,
    ...waits,
    ...slowdowns,
    `${(100 * utilisation).toFixed(1)} %`,
    misallocation?.toFixed(3) ?? '-',
  ]
}

function columns(rows: string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return rows.map(line).join('\n')
}
