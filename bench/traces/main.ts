import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gpuPackingTable } from './gpu-packing.ts'
import { decaySeconds, type LcgRun, lcgProcessors, runLcg } from './lcg.ts'
import { markdownTable, runTable, seconds } from './markdown-table.ts'
import { runMachine } from './parallel-machine.ts'
import { runPhilly } from './philly.ts'
import { fairnessPlot, waitPlot } from './plots.ts'
import { publishedKth, publishedLcg, publishedPacking } from './published.ts'
import {
  defaultTraceFolder,
  hasTrace,
  readSwf,
  readTrace,
  type TraceName,
  traceFiles,
} from './trace-files.ts'

const usage = `npm run sim:traces -- [--data FOLDER] [--out FOLDER] [--only NAME[,NAME…]]
traces: ${Object.keys(traceFiles).join(', ')}; prints tables in Markdown and writes plots to --out (bench/traces/plots)`

const reports: Record<TraceName, (folder: string, plot: (name: string, svg: string) => void) => string> = {
  kth: (folder, plot) => {
    const jobs = readSwf(folder, 'kth')
    const runs = runMachine(jobs, 100)
    const shown = runs.filter(({ policy }) => ['FCFS', 'EASY', 'EASY + SJBF', 'Longshore'].includes(policy))
    plot('kth-waits', waitPlot('KTH SP2, 100 processors: who waited how long', jobs, shown))
    const compared = runs.flatMap(({ policy, metrics }) => {
      const known = publishedKth[policy]
      if (!known) return []
      const { flowMs, boundedSlowdown } = metrics
      const figures = [
        boundedSlowdown.mean.toFixed(2),
        Math.round(boundedSlowdown.max).toLocaleString('en-US'),
      ]
      const most = known.most?.toLocaleString('en-US') ?? '-'
      return [
        [
          policy,
          known.flow.toLocaleString('en-US'),
          seconds(flowMs.mean),
          known.slowdown,
          figures[0]!,
          most,
          figures[1]!,
        ],
      ]
    })
    const headings = [
      'policy',
      'flow, published',
      'here',
      'slowdown, published',
      'here',
      'max, published',
      'here',
    ]
    return `${markdownTable(headings, compared)}\n\n${runTable(runs)}`
  },
  nasa: (folder) => runTable(runMachine(readSwf(folder, 'nasa'), 128)),
  lcg: (folder, plot) => {
    const jobs = readSwf(folder, 'lcg', 'group')
    const runs = runLcg(jobs)
    plot('lcg-waits', waitPlot(`LCG, ${lcgProcessors} processors: who waited how long`, jobs, runs))
    plot('lcg-fairness', fairnessPlot('LCG: misallocation in each hour', runs, 3600))
    return `${fairnessTable(runs)}\n\n${runTable(runs)}`
  },
  philly: (folder) =>
    markdownTable(
      [
        'virtual cluster',
        'nodes',
        'jobs',
        'FIFO, wait mean',
        'p95',
        'max',
        'Longshore, wait mean',
        'p95',
        'max',
      ],
      runPhilly(readTrace(folder, 'philly')).map(({ cluster, nodes, jobs, runs }) => [
        cluster,
        nodes,
        jobs,
        ...runs.flatMap(({ metrics: { waitMs } }) => [waitMs.mean, waitMs.p95, waitMs.max].map(seconds)),
      ]),
    ),
  openb: packingTable,
}

/** GPUs allocated when no more find room, and when for the first time one does not; percent. */
function packingTable(folder: string): string {
  const policies = ['random', 'best fit', 'FGD', 'Longshore'] as const
  const headings = policies.flatMap((policy) => [
    ...(policy === 'Longshore' ? [] : [`${policy}, published`]),
    `${policy}, here`,
  ])
  const rows = gpuPackingTable(join(folder, 'gpu'))!.map((row) => [
    row.variant,
    ...policies.flatMap((policy) => {
      const here = row[policy].allocated.toFixed(2)
      return policy === 'Longshore' ? [here] : [publishedPacking[row.variant][policy].toFixed(1), here]
    }),
    row.FGD.beforeFailure.toFixed(1),
    row.Longshore.beforeFailure.toFixed(1),
  ])
  return markdownTable(['variant', ...headings, 'first failure at, FGD', 'Longshore'], rows)
}

function fairnessTable(runs: LcgRun[]): string {
  const windows = decaySeconds.map((window) => `windows of ${window.toLocaleString('en-US')} s`)
  const rows = runs.map(({ policy, fairness }) => [
    policy,
    publishedLcg[policy as keyof typeof publishedLcg] ?? '-',
    ...[fairness.whole, fairness.moments, ...fairness.by.map(({ overWindows }) => overWindows!)].map((part) =>
      part.toFixed(4),
    ),
  ])
  return markdownTable(['misallocation', 'published', 'whole log', 'each moment', ...windows], rows)
}

function main(): void {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { data: text, out: text, only: text, help: { type: 'boolean' } } })
  if (values.help) return console.log(usage)
  const names = Object.keys(traceFiles) as TraceName[]
  const chosen = values.only?.split(',') ?? names
  const unknown = chosen.find((name) => !names.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`there is no trace '${unknown}'\n${usage}`)
  const folder = values.data ?? defaultTraceFolder
  const out = values.out ?? join(import.meta.dirname, 'plots')
  for (const name of names.filter((known) => chosen.includes(known))) {
    if (!hasTrace(folder, name)) {
      console.log(`skipped ${name}: there is no ${join(folder, traceFiles[name])}\n`)
      continue
    }
    const table = reports[name](folder, (plot, svg) => {
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, `${plot}.svg`), svg)
    })
    console.log(`## ${name}\n\n${table}\n`)
  }
}

try {
  main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
