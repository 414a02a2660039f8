import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DelayCounts, mergeDelayCounts, reportOf } from './delay-counts.ts'
import { formatReport } from './report.ts'

/** The job behind the array: `node merge.ts DATA WORK` adds up what the slices left in WORK and prints the report. */
const work = process.argv[3]!
const parts = readdirSync(work)
  .filter((name) => /^slice-\d+\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(join(work, name), 'utf8')) as DelayCounts)

for (const line of formatReport(reportOf(mergeDelayCounts(parts)))) console.log(line)
