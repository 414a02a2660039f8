import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseSwf, type SwfOwner } from '../../src/core/simulation/swf.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'

/** Where the traces are unless another folder is named; they are no part of the project. */
export const defaultTraceFolder = join(import.meta.dirname, '../../../shared/data')

/** The names are those that the traces' sources give them. */
export const traceFiles = {
  kth: 'swf/kth-sp2-1996.swf.gz',
  nasa: 'swf/nasa-ipsc-1993.swf.gz',
  lcg: 'swf/lcg-grid-2005.swf.gz',
  philly: 'gpu/philly_jobs_sep_oct.csv.gz',
  openb: 'gpu/openb_nodes.csv',
} as const

export type TraceName = keyof typeof traceFiles

export function hasTrace(folder: string, name: TraceName): boolean {
  return existsSync(join(folder, traceFiles[name]))
}

/** A compressed trace as text. */
export function readTrace(folder: string, name: TraceName): string {
  return gunzipSync(readFileSync(join(folder, traceFiles[name]))).toString('utf8')
}

export function readSwf(folder: string, name: TraceName, owner: SwfOwner = 'user'): TraceJob[] {
  return parseSwf(readTrace(folder, name), owner).jobs
}
