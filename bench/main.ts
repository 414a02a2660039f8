import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDepth } from './depth.ts'
import { measureDepthOverHttp } from './depth-server.ts'
import type { Figure } from './figure.ts'
import { measureForecasts } from './forecasts.ts'
import { measureLargeArray } from './large-array.ts'
import { machineFacts } from './machine-facts.ts'
import { measureMachineFloor } from './machine-floor.ts'
import { measureNoopJobs } from './noop-jobs.ts'
import { measurePlacementKernel } from './placement-kernel.ts'
import { renderReport } from './report.ts'
import { measureStartLatency } from './start-latency.ts'
import { measureSubmits } from './submits.ts'
import { measureGpuPacking } from './traces/gpu-packing.ts'
import { measureTurns } from './turns.ts'

/** `jobs`: how many wait, where depth is measured. */
const measures: Record<string, (jobs?: number) => Promise<Figure[]>> = {
  floor: measureMachineFloor,
  latency: measureStartLatency,
  noop: measureNoopJobs,
  submits: measureSubmits,
  array: measureLargeArray,
  kernel: measurePlacementKernel,
  gpu: measureGpuPacking,
  forecasts: measureForecasts,
  depth: measureDepth,
  'depth-http': measureDepthOverHttp,
  turns: measureTurns,
}

const usage = `npm run bench -- [--only NAME[,NAME…]] [--json FILE] [--jobs N]
measures: ${Object.keys(measures).join(', ')}; data goes to TMPDIR`

const exactCosts = `rows written and requests per job are counted, not measured:
npx vitest run --project objects test/objects/costs.test.ts`

/** Measures a server of its own, booted anew for each measure, and prints what came out. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      jobs: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return console.log(usage)
  const chosen = values.only?.split(',') ?? Object.keys(measures)
  const unknown = chosen.find((name) => !measures[name])
  if (unknown !== undefined) throw new Error(`there is no measure '${unknown}'\n${usage}`)
  process.stderr.write('building what is to be measured\n')
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(import.meta.dirname, '..'), stdio: 'ignore' })
  const jobs = values.jobs === undefined ? undefined : Number(values.jobs)
  const facts = machineFacts()
  const figures: Figure[] = []
  for (const name of chosen) {
    process.stderr.write(`measuring: ${name}\n`)
    figures.push(...(await measures[name]!(jobs)))
  }
  process.stdout.write(renderReport(facts, figures))
  process.stdout.write(`\n${exactCosts}\n`)
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ facts, figures }, null, 2)}\n`)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
