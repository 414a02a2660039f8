import type { TraceJob } from './trace-job.ts'

/** Whose a job is counted as: fields of the Standard Workload Format. */
export type SwfOwner = 'user' | 'group' | 'queue'

export type SwfTrace = {
  /** By submission. */
  jobs: TraceJob[]
  /** The machine's size by the header (`MaxProcs`), where it says. */
  processors?: number
  /** Jobs without a run time or a size. */
  leftOut: number
}

const fields = {
  submit: 1,
  run: 3,
  allocated: 4,
  requested: 7,
  requestedTime: 8,
  user: 11,
  group: 12,
  program: 13,
  queue: 14,
}
const fieldCount = 18

/**
 * Reads a log in the Standard Workload Format (Feitelson, Parallel Workloads Archive): a processor is a vCPU, what a user
 * asked for comes before what was allocated, the requested time is the bound and nothing runs beyond it. Throws a SwfError that names the line.
 */
export function parseSwf(text: string, owner: SwfOwner = 'user'): SwfTrace {
  const jobs: TraceJob[] = []
  let processors: number | undefined
  let leftOut = 0
  for (const [at, line] of text.split('\n').entries()) {
    if (line.startsWith(';')) processors ??= maxProcessors(line)
    else if (line.trim() !== '') {
      const job = jobOf(valuesOf(line, at + 1), owner)
      if (job) jobs.push(job)
      else leftOut++
    }
  }
  jobs.sort((a, b) => a.submitAt - b.submitAt)
  for (const [id, job] of jobs.entries()) job.id = id
  return { jobs, leftOut, ...(processors === undefined ? {} : { processors }) }
}

/** The text is no log in the Standard Workload Format. */
export class SwfError extends Error {}

function valuesOf(line: string, number: number): number[] {
  const values = line.trim().split(/\s+/).map(Number)
  if (values.length !== fieldCount)
    throw new SwfError(`line ${number} has ${values.length} fields, not ${fieldCount}`)
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new SwfError(`line ${number}: field ${bad + 1} is not a number`)
  return values
}

function jobOf(values: number[], owner: SwfOwner): TraceJob | undefined {
  const [processors] = [values[fields.requested]!, values[fields.allocated]!].filter((size) => size > 0)
  const runMs = values[fields.run]! * 1000
  if (processors === undefined || runMs <= 0) return undefined
  const boundMs =
    values[fields.requestedTime]! > 0 ? values[fields.requestedTime]! * 1000 : Number.POSITIVE_INFINITY
  const resources = { cpuMilli: processors * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }
  return {
    id: 0,
    submitAt: values[fields.submit]! * 1000,
    runMs: Math.min(runMs, boundMs),
    boundMs,
    demands: [{ resources }],
    share: String(values[fields[owner]]),
    kind: `${values[fields.user]} ${values[fields.program]}`,
    priority: 0,
  }
}

function maxProcessors(line: string): number | undefined {
  const found = /^;\s*MaxProcs:\s*(\d+)/.exec(line)?.[1]
  return found === undefined ? undefined : Number(found)
}
